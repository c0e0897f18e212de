"""The database engine: `Database` with its transactions, and what queries need of it.

`group_commit` and `statement_batcher` do the short transactions of many members at once, on SQLite and on PostgreSQL;
`errors` tells an unavailable database from a bug; `addresses` reads PostgreSQL's addresses as hosts give them; `backup`
copies an SQLite file, and restores it; `numbering` keeps numbers of rows from being given twice.
"""

from storage.db.database import Database, UtcDateTime, advisory_lock, changed, insert_new
from storage.db.group_commit import PreparedStatement

__all__ = ("Database", "PreparedStatement", "UtcDateTime", "advisory_lock", "changed", "insert_new")
