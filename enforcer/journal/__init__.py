"""The SQLite store of the events of every run; the only room that knows sqlite3. It judges nothing that it stores."""
