"""REST, and the pages that a browser gets.

Here belongs: what a request may look like, who is calling, which verb of `desk/` it means, and how its answer and its
refusals are written (RFC 9457). Not here: what is allowed and what follows; `desk/` decides that.
"""
