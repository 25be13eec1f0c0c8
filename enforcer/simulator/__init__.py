"""A DCS and an IAM to try things against: one aiohttp application on the loopback address.

It knows nothing of the tool: its signature check, its error texts and its paging are written from the
API's documents alone, so that an error on our side cannot cancel itself out here. Nothing in it reaches
a real cloud, and all of its keys, names and passwords are made up.
"""
