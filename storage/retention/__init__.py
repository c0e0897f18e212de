"""What is deleted, and what is kept.

`by_age` deletes what nothing needs any more; `personal_data` exports and deletes what is stored about a member, and
knows what comes back with them.
"""

from storage.retention.by_age import (
    delete_erased_members,
    delete_links_of_erased,
    delete_poster_files,
    empty_pictures,
)

__all__ = ("delete_erased_members", "delete_links_of_erased", "delete_poster_files", "empty_pictures")
