"""The store on a PostgreSQL server, which many hosts share; the only home of psycopg, an extra of the package."""
