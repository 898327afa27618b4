"""Making HTML of strangers fit to be shown."""

import nh3


def clean_html(html: str) -> str:
    """The HTML without scripts, handlers, forms, styles and dangerous links; what is left can be put into a page."""
    return nh3.clean(html, link_rel="noopener noreferrer nofollow")
