"""How one request reaches a server and its answer comes back: names, proxies, TLS, connections, time-outs, mishaps.

It is not known who asks, nor what for. No request is sent twice.
"""
