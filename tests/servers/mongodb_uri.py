"""Addresses of databases on a MongoDB server."""

from urllib.parse import parse_qs


def of_database(uri: str, name: str) -> str:
    """The same server and options, another database. Users stay those of the database that
    was named before."""
    scheme, _, rest = uri.partition("://")
    place, _, options = rest.partition("?")
    hosts, _, named = place.partition("/")
    if "@" in hosts and "authsource" not in {key.lower() for key in parse_qs(options)}:
        options = "&".join(filter(None, [options, f"authSource={named or 'admin'}"]))
    return f"{scheme}://{hosts}/{name}?{options}"
