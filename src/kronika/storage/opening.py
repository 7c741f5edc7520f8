from __future__ import annotations

from kronika.settings import FILES_FOLDER, Settings, SettingsError
from kronika.storage.files import Files
from kronika.storage.local import LocalFiles


def open_files(settings: Settings) -> Files:
    """The store that the settings name. Does not connect to one that is elsewhere.

    Raises SettingsError: there is no such store, or the folder cannot be made.
    """
    if not settings.storage_url:
        folder = settings.data_dir / FILES_FOLDER
        local = LocalFiles(folder)
        try:
            local.prepare()
        except OSError as error:
            raise SettingsError(f"cannot keep files in {folder}: {error.strerror}") from None
        return local
    # Four megabytes of library, for those who need it.
    from kronika.storage.remote import SCHEMES, RemoteFiles  # noqa: PLC0415

    if settings.storage_url.partition("://")[0] not in SCHEMES:
        raise SettingsError("KRONIKA_STORAGE_URL: must be an s3:// URL, or of another store that obstore knows")
    try:
        return RemoteFiles(settings.storage_url)
    except ValueError as error:
        raise SettingsError(f"KRONIKA_STORAGE_URL: {error}") from None
