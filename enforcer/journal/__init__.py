"""The records: the events of every run, and the steps of overrides, in either of two stores. It judges nothing."""
