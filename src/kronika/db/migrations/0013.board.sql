-- A deleted status stays, for the history of its cases; nobody may delete its row.
ALTER TABLE business_case_statuses ADD COLUMN deleted_at timestamptz;
REVOKE DELETE ON business_case_statuses FROM kronika_app;
