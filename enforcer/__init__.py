"""Keeps the reconnect mode of Huawei Cloud DCS migration tasks as a policy says."""

__version__ = "0.1.0"
