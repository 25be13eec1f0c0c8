"""The SQLite store of every run's events; the only room that knows sqlite3. It does not know what the events lead to."""
