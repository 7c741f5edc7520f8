-- Contacts are found by words, sorted as people expect, and counted without counting them.

-- The index below needs two extensions that come with PostgreSQL. They may be there already, in any schema. Not in ours:
-- they belong to a superuser, and the runner takes rights on all that is in ours.
DO $$
DECLARE
    wanted text;
    homes text;
BEGIN
    CREATE SCHEMA IF NOT EXISTS kronika_extensions;
    FOREACH wanted IN ARRAY ARRAY['pg_trgm', 'btree_gin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = wanted) THEN
            EXECUTE format('CREATE EXTENSION %I SCHEMA kronika_extensions', wanted);
        END IF;
    END LOOP;
    SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') INTO homes
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname IN ('pg_trgm', 'btree_gin') AND NOT has_schema_privilege(n.oid, 'USAGE');
    IF homes IS NOT NULL THEN
        RAISE EXCEPTION 'pg_trgm and btree_gin are in %, which this user may not use: GRANT USAGE ON SCHEMA', homes;
    END IF;
    SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') INTO homes
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname IN ('pg_trgm', 'btree_gin');
    PERFORM set_config('search_path', current_setting('search_path') || ', ' || homes, true);
END $$;

-- What people compare: case, diacritics and kinds of white space set aside, letters with their base letter.
-- By Unicode's own decomposition, so the same in every database, whatever its locale knows; the letters that do not
-- decompose, and the capitals of Latin, Cyrillic and Greek that a C locale would leave alone, are named here. Control
-- characters count as white space.
CREATE FUNCTION folded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(replace(lower(translate(
    regexp_replace(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g'), '[\u0001-\u001f\u007f\s]+', ' ', 'g'),
    'ŁłĐđÐðØøĦħŦŧıÆŒÞẞςАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄІЈЉЊЋЏҐѢѲѴΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
    'llddddoohhttiæœþßσабвгдежзиклмнопрстуфхцчшщъыьэюяђєіјљњћџґѣѳѵαβγδεζηθικλμνξοπρστυφχψω')),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');

-- What an order compares: the folded name, and among those that fold to the same, the name as it is, so that the one
-- without diacritics comes first. A tab sorts before all that can be in a folded name. Cut, because an entry of an index
-- has at most 2,704 bytes and a name of 255 characters may fold to thousands; the id decides between what is cut off.
CREATE FUNCTION sort_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN left(folded(value), 200) || E'\t' || left(value, 200);

-- What words are looked for in: a space before every word, so that a pattern can ask for its beginning; and once more
-- without punctuation where there is some, so that the beginning is found behind a quote, a bracket or a hyphen.
CREATE FUNCTION searchable(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ' ' || folded(value) || CASE WHEN folded(value) ~ '[!-/:-@\[-`{-~«»‘’‚“”„–—]'
    THEN ' ' || regexp_replace(folded(value), '[!-/:-@\[-`{-~«»‘’‚“”„–—]+', ' ', 'g') ELSE '' END;

-- A postal code is found with and without its space: `81101` and `811 01` are the same.
CREATE FUNCTION searchable_zip(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN searchable(value) || ' ' || regexp_replace(replace(folded(value), ' ', ''), '^(\d{3})(\d{2})$', '\1\2 \1 \2');

ALTER TABLE contacts
    -- Its kind again, 1 client, 2 supplier: under row-level security an index can be asked for a number but not for an enum
    -- (whose = PostgreSQL does not trust to see rows before the policy).
    ADD kind_number smallint NOT NULL GENERATED ALWAYS AS (CASE kind WHEN 'client' THEN 1 ELSE 2 END) STORED,
    ADD sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_key(name)) STORED,
    ADD folded_city text COLLATE "C" GENERATED ALWAYS AS (left(folded(city), 200)) STORED,
    ADD search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        searchable(name) || coalesce(searchable(city), '') || coalesce(searchable_zip(zip), '')) STORED;

-- An order each: a page is read from its index, and only its own rows from the table. By name also with what lists are
-- filtered by.
CREATE INDEX contacts_by_name ON contacts (company_id, kind_number, sort_name, id) INCLUDE (type, country_id)
    WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_city ON contacts (company_id, kind_number, folded_city, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_zip ON contacts (company_id, kind_number, zip COLLATE "C", id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_country ON contacts (company_id, kind_number, country_id, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_creation ON contacts (company_id, kind_number, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_update ON contacts (company_id, kind_number, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_subject_id ON contacts (company_id, subject_id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_tax_id ON contacts (company_id, tax_id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_vat_id ON contacts (company_id, vat_id) WHERE deleted_at IS NULL;
-- Without the list of pending entries, which every search would have to read through.
CREATE INDEX contacts_by_words ON contacts USING gin (company_id, search_text gin_trgm_ops) WITH (fastupdate = off)
    WHERE deleted_at IS NULL;

-- How many contacts a company has, by what lists are filtered by. Each connection counts in a row of its own (`slot`), so
-- that creates at the same time do not wait for one another; a row may be negative, their sum is right.
CREATE TABLE contact_counts (
    company_id bigint NOT NULL REFERENCES companies (id),
    kind contact_kind NOT NULL,
    type contact_type NOT NULL,
    country_id smallint NOT NULL, -- 0: none
    slot smallint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (company_id, kind, type, country_id, slot)
) WITH (fillfactor = 70);
ALTER TABLE contact_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON contact_counts TO kronika_app
    USING (company_id = current_company()) WITH CHECK (company_id = current_company());
GRANT SELECT, INSERT, UPDATE ON contact_counts TO kronika_app;

INSERT INTO contact_counts (company_id, kind, type, country_id, slot, n)
SELECT company_id, kind, type, coalesce(country_id, 0), 0, count(*) FROM contacts WHERE deleted_at IS NULL
GROUP BY company_id, kind, type, coalesce(country_id, 0);

-- Counts a contact in (+1) or out (-1). True, so that a statement can count what it returns.
CREATE FUNCTION count_contact(company bigint, of_kind contact_kind, of_type contact_type, of_country integer, by integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contact_counts AS c (company_id, kind, type, country_id, slot, n)
    VALUES (company, of_kind, of_type, coalesce(of_country, 0), pg_backend_pid() % 32, by)
    ON CONFLICT (company_id, kind, type, country_id, slot) DO UPDATE SET n = c.n + by;
    RETURN true;
END $$;

-- A pattern for a word: anywhere in a word from three characters on; a shorter one begins a word, or the index could not
-- help.
CREATE FUNCTION word_pattern(word text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN length(word) < 3 THEN '% ' ELSE '%' END
    || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%';

-- What a row's search_text must hold for all words, as conditions for a statement that is put together. A word may also be
-- met by one of the countries it names: their ids, for each word, as an array in text form.
CREATE FUNCTION search_conditions(words text[], countries text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg(
        CASE coalesce(country, '{}')
            WHEN '{}' THEN format(' AND search_text LIKE %L', word_pattern(folded(word)))
            ELSE format(' AND (search_text LIKE %L OR country_id = ANY (%L::smallint[]))', word_pattern(folded(word)), country)
        END, '')
    FROM unnest(words, countries) asked (word, country)
);

-- The living contacts of the current company whose text has every word, in the wished order. `countries` has for each word
-- the ids of the countries it names, as an array in text form; NULL filters do not filter.
-- It runs as the owner because LIKE under row-level security cannot use an index (PostgreSQL must not show a row to a
-- function it does not trust before the policy has seen it); so it names the company itself. The statement is put
-- together anew for each search, as its plan depends on the words; and never reads the table whole: what one company has
-- must not cost what all companies have.
CREATE FUNCTION matching_contacts(
    of_kind contact_kind, words text[], countries text[], of_type contact_type, of_subject_id text, of_tax_id text,
    of_vat_id text, of_country integer, sort_by text, descending boolean)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id FROM contacts WHERE company_id = $1 AND deleted_at IS NULL%s%s%s%s%s%s%s ORDER BY %s %s, id %9$s',
        search_conditions(words, countries),
        CASE WHEN of_kind IS NOT NULL THEN ' AND kind = $2' END,
        CASE WHEN of_type IS NOT NULL THEN ' AND type = $3' END,
        CASE WHEN of_subject_id IS NOT NULL THEN ' AND subject_id = $4' END,
        CASE WHEN of_tax_id IS NOT NULL THEN ' AND tax_id = $5' END,
        CASE WHEN of_vat_id IS NOT NULL THEN ' AND vat_id = $6' END,
        CASE WHEN of_country IS NOT NULL THEN ' AND country_id = $7' END,
        CASE sort_by WHEN 'name' THEN 'sort_name' WHEN 'city' THEN 'folded_city' WHEN 'zip' THEN 'zip COLLATE "C"'
            WHEN 'countryId' THEN 'country_id' WHEN 'createdAt' THEN 'created_at' WHEN 'updatedAt' THEN 'updated_at' END,
        CASE WHEN descending THEN 'DESC' ELSE 'ASC' END)
    USING current_company(), of_kind, of_type, of_subject_id, of_tax_id, of_vat_id, of_country;
END $$;

-- Business cases are found in the same way.

ALTER TABLE business_cases
    ADD sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_key(name)) STORED,
    ADD search_text text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (searchable(name) || coalesce(searchable(description), '')) STORED;

CREATE INDEX business_cases_by_age ON business_cases (company_id, id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_name ON business_cases (company_id, sort_name, id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_creation ON business_cases (company_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_update ON business_cases (company_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_place ON business_cases (company_id, board_position, id) WHERE deleted_at IS NULL;
CREATE INDEX business_cases_by_words ON business_cases USING gin (company_id, search_text gin_trgm_ops)
    WHERE deleted_at IS NULL;

-- As matching_contacts. `of_column` says whether one column is asked for: `of_status`, NULL being the one without status.
CREATE FUNCTION matching_cases(
    words text[], of_contact bigint, of_column boolean, of_status bigint, sort_by text, descending boolean)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = kronika, pg_temp SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id FROM business_cases WHERE company_id = $1 AND deleted_at IS NULL%s%s%s ORDER BY %s %s, id %5$s',
        search_conditions(words, NULL),
        CASE WHEN of_contact IS NOT NULL THEN ' AND contact_id = $2' END,
        CASE WHEN NOT of_column THEN '' WHEN of_status IS NULL THEN ' AND status_id IS NULL' ELSE ' AND status_id = $3' END,
        CASE sort_by WHEN 'id' THEN 'id' WHEN 'name' THEN 'sort_name' WHEN 'createdAt' THEN 'created_at'
            WHEN 'updatedAt' THEN 'updated_at' WHEN 'boardPosition' THEN 'board_position' END,
        CASE WHEN descending THEN 'DESC' ELSE 'ASC' END)
    USING current_company(), of_contact, of_status;
END $$;

GRANT EXECUTE ON FUNCTION folded(text), sort_key(text), searchable(text), searchable_zip(text), count_contact(bigint, contact_kind, contact_type, integer, integer),
    word_pattern(text), search_conditions(text[], text[]),
    matching_contacts(contact_kind, text[], text[], contact_type, text, text, text, integer, text, boolean),
    matching_cases(text[], bigint, boolean, bigint, text, boolean)
    TO kronika_app;
