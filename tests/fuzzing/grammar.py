"""Inputs that are nearly right: documents, patches, selectors, heads and templates by grammar."""

import json
from collections.abc import Callable, Mapping
from random import Random

from tests.api.kubernetes.protobuf_writer import enveloped, field, varint
from tests.fuzzing.attempt import DOORS, TARGET, TOKEN, Attempt, Door

_LARGEST = 400_000
_WORDS = (
    *("", "a", "metadata", "spec", "status", "name", "labels", "annotations", "environment"),
    *("template", "duration", "studentEmail", "managedFields", "fieldsV1", "f:spec", "k:{}", "."),
    *("static", "60m", "1h", "default", TARGET, "kind", "apiVersion", "LabInstance", "items"),
    *("finalizers", "ownerReferences", "$patch", "replace", "delete", "$setElementOrder/items"),
    *("student@example.com", "x" * 300, "\u00e9", "\u0000", "\U0001f600", "0", "-", "~0", "~1"),
    *("replicas", "deletionTimestamp", "2026-01-01T00:00:00Z", "holderIdentity", "uid", "/"),
)
_NUMBERS = ("0", "-1", "1e308", "1e-400", "9" * 400, "1.5", "9223372036854775808", "NaN", "-0")
_YAML = (
    *("&a ", "*a", "<<: ", "!!int ", "!!binary ", "? ", "- ", ": ", ", ", "[", "]", "{", "}"),
    *("|\n", ">-\n", "'", '"', "#", "\n", "\n  ", "\t", "%YAML 1.1\n", "---\n", "...\n", "1:"),
    *("0x_", "1_0", "yes", "~", "2026-01-01", ".inf", "!<tag:x>", "\\", "\u2028", "@", "`"),
)
_SELECTS = (
    *("a", "a=b", "a!=b", "a in (b,c)", "a notin (b)", "!a", ",", "(", ")", " in ", "=", "=="),
    *("metadata.name=x", "status.state=ready", "spec.template!=static", "a/b", "x" * 64, " "),
    *("-1", "0", "18446744073709551616", "2026-01-01T00:00:00Z", "+", "%", "\x00", "\u0661"),
    *("eyJ2IjoxfQ==", "NotOlderThan", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z"),
)
_HEADS = (
    *("Content-Length: 5", "Content-Length: 05", "Transfer-Encoding: chunked", "Expect: 100-"),
    *("Transfer-Encoding: gzip, chunked", "Host: y", "Connection: keep-alive, upgrade", " folded"),
    *("Upgrade: websocket", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io", "X: y"),
    *("Accept: " + "a/b;q=0.1," * 40, "Cookie: a=b", "Content-Type: application/json", ":", ""),
    *(
        "Accept-Encoding: gzip;q=1e9",
        "Impersonate-User: x",
        "Range: bytes=0-1",
        "X\t: y",
        "\u00e9",
    ),
    *("Accept: " + ";" * 60, 'Content-Type: application/json;charset="' + "\\" * 40, "Trailer: X"),
    *("X-Correlation-Id: " + "a" * 500, "If-Match: *", "Traceparent: 00-0-0-0", "Te: trailers"),
)
_LAB = {
    "apiVersion": '"lab.neuroglia.com/v1"',
    "kind": '"LabInstance"',
    "spec": '{"template":"static","duration":"60m","studentEmail":"student@example.com",'
    '"environment":{"COURSE":"intro"}}',
}
_TAKEN: Mapping[str, Mapping[str, str]] = {
    "/scale": {"apiVersion": '"autoscaling/v1"', "kind": '"Scale"', "spec": '{"replicas":1}'},
    "/extend": {"by": '"30m"'},
    "/labinstances": _LAB,
    "/leases": {"spec": '{"holderIdentity":"a","renewTime":"2026-01-01T00:00:00.000000Z"}'},
    "/events": {
        "involvedObject": '{"kind":"LabInstance","namespace":"default","name":"x"}',
        "reason": '"X"',
        "message": '"said"',
    },
    "reviews": {"spec": '{"resourceAttributes":{"verb":"get","resource":"labinstances"}}'},
    "/api/v1/namespaces": {"apiVersion": '"v1"', "kind": '"Namespace"'},
}
_PROTOBUF = (
    ("v1", "Namespace"),
    ("coordination.k8s.io/v1", "Lease"),
    ("v1", "Event"),
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
    ("v1", "DeleteOptions"),
    ("x", "Y"),
)
_PATHS = ("/livez", "/metrics", "/openapi/v2", "/apis", "//", "/%2e%2e/x", "*", "http://x/livez")


def made(random: Random, kind: str) -> Attempt:
    """An attempt of that kind, by its grammar."""
    doors = DOORS.get(kind, (("", "", ""),))
    door = random.randrange(len(doors))
    text = _GRAMMARS[kind](random, doors[door])
    data = text if isinstance(text, bytes) else text.encode()
    return Attempt(kind=kind, door=door, data=data)


def often(random: Random, most: int = 30_000, *, length: int = 1) -> int:
    """How often something so long is repeated: mostly once, now and then very often."""
    if random.random() < 0.6:
        return 1
    return max(1, min(int(most ** random.random()), _LARGEST // max(1, length)))


def text_of_json(random: Random, depth: int = 4) -> str:
    """A value as text, with keys said twice and numbers that no parser likes."""
    choice = random.random()
    if depth == 0 or choice < 0.35:
        if random.random() < 0.3:
            return random.choice((*_NUMBERS, "null", "true", "{}", "[]"))
        return json.dumps(random.choice(_WORDS) * often(random, 3000))
    parts = [text_of_json(random, depth - 1) for _ in range(random.randrange(4))]
    if choice < 0.55:
        return "[" + ",".join(parts * often(random, length=sum(map(len, parts)))) + "]"
    names = [json.dumps(random.choice(_WORDS)) for _ in parts]
    if random.random() < 0.15:
        value = parts[0] if parts else "1"
        each = often(random, 20_000, length=len(value) + 8)
        return "{" + ",".join(f'"{n:x}":{value}' for n in range(each)) + "}"
    return "{" + ",".join(f"{n}:{p}" for n, p in zip(names, parts, strict=True)) + "}"


def _mapping(random: Random) -> str:
    """Texts by name, mostly."""
    value = json.dumps(random.choice(_WORDS) * often(random, 3000))
    value = text_of_json(random, 2) if random.random() < 0.2 else value
    each = often(random, 5000, length=len(value) + 8)
    return "{" + ",".join(f'"n{n}":{value}' for n in range(each)) + "}"


def _document(random: Random, door: Door) -> str:
    """What that door takes, with some of its parts replaced."""
    known = next((known for part, known in _TAKEN.items() if part in door[1]), _LAB)
    parts: dict[str, str] = {
        **known,
        "metadata": f'{{"name":"{TARGET}","annotations":{_mapping(random)}}}',
    }
    if "namespaces?" in door[1] or "namespaces/default?" in door[1]:
        parts["metadata"] = f'{{"name":"default","labels":{_mapping(random)}}}'
    for name in random.sample(("metadata", "spec", "status", "kind", *_WORDS), 2):
        if random.random() < 0.4:
            parts[name] = text_of_json(random)
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in parts.items()) + "}"


def _json(random: Random, door: Door) -> str:
    return _document(random, door) if random.random() < 0.7 else text_of_json(random, 6)


def _pointer(random: Random) -> str:
    steps = ["metadata", "annotations", "labels", "spec", "environment", "0", "-", "a", "b", "~1"]
    return "".join(f"/{random.choice(steps)}" for _ in range(random.randrange(1, 5)))


def _operation(random: Random) -> str:
    names = ("add", "copy", "move", "test", "replace", "remove", "x")
    told = {"op": random.choice(names), "path": _pointer(random), "from": _pointer(random)}
    value = text_of_json(random, 3) if random.random() < 0.7 else '{"a":{"b":"x"}}'
    return json.dumps(told)[:-1] + f',"value":{value}}}'


def _patch(random: Random, door: Door) -> str:
    if "json-patch" in door[2]:
        operations = [_operation(random) for _ in range(random.randrange(1, 6))]
        each = often(random, 1200, length=sum(map(len, operations)))
        return "[" + ",".join(operations * each) + "]"
    return _document(random, door)


def _yaml(random: Random, door: Door) -> str:
    if random.random() < 0.3:
        soup = "".join(random.choice(_YAML + _WORDS) for _ in range(40))
        return soup * often(random, 3000, length=len(soup))
    if random.random() < 0.3:
        return _document(random, door)
    lines = [
        f"{' ' * random.choice((2, 4))}{random.choice(_WORDS)}{random.randrange(99)}: "
        f"{random.choice((*_WORDS, *_YAML, '[' * 60, '{a: ' * 30, '1:' * 50))}"
        for _ in range(random.randrange(1, 6))
    ]
    if random.random() < 0.5:
        lines = [f"    n{n}: {lines[0].strip()[:30]!r}" for n in range(often(random, 9000))]
    sound = f"kind: LabInstance\nmetadata:\n  name: {TARGET}\n  annotations:\n"
    return sound + "\n".join(lines)


def _message(random: Random, depth: int = 4) -> bytes:
    parts = []
    if depth == 4 and random.random() < 0.5:
        parts.append(field(1, field(1, TARGET)))
    for _ in range(random.randrange(4)):
        number = random.choice((1, 2, 3, 8, 11, 12, 14, 15, 536_870_911))
        content: bytes | str | int = random.choice(_WORDS) * often(random, 500)
        if random.random() < 0.2:
            content = random.choice((0, 1, 2**63 - 1))
        elif depth and random.random() < 0.6:
            content = _message(random, depth - 1)
        record = field(number, content)
        parts.append(record * often(random, 5000, length=len(record)))
    return b"".join(parts)


def _protobuf(random: Random, door: Door) -> bytes:
    version, kind = random.choice(_PROTOBUF)
    for part, those in (("leases", 1), ("events", 2), ("reviews", 3), ("labinstances", 4)):
        if part in door[1] and random.random() < 0.9:
            version, kind = _PROTOBUF[those]
    body = enveloped(version, kind, _message(random))
    if random.random() < 0.2:
        body += varint(random.choice((3, 11, 12, 15))) * often(random)
    return body


def _selector(random: Random, _: Door) -> str:
    return "".join(random.choice(_SELECTS) for _ in range(8)) * often(random, 400)


def _head(random: Random, _: Door) -> bytes:
    method = random.choice(("GET", "POST", "HEAD", "OPTIONS", "PATCH", "get", "PRI"))
    version = "1.1" if random.random() < 0.8 else random.choice(("1.0", "2.0", ""))
    lines = [f"{method} {random.choice(_PATHS)} HTTP/{version}"]
    lines += ["Host: x", *(random.choice(_HEADS) for _ in range(random.randrange(3)))]
    lines += [random.choice(_HEADS)] * often(random, 2000)
    if random.random() < 0.5:
        lines.append(f"Authorization: Bearer {TOKEN.decode()}")
    text = random.choice(("\r\n", "\r\n", "\r\n", "\n")).join([*lines, "", ""])
    chunks = random.choice(("1\r\na\r\n", "0\r\n\r\n", "1;x=y\r\n", "f" * 20)) * 2
    body = chunks.encode() * often(random, 5000)
    return text.encode() * often(random, 300, length=len(text)) + body


def _template(random: Random, door: Door) -> str:
    sound: dict[str, str] = {
        "name": "made",
        "title": "Made by chance",
        "command": '["{python}", "-I", "{directory}/x.py", "{port}", "{token_file}"]',
        "readiness": "{path: /}",
        "access": "/?token={token}",
        "defaultDuration": "1h",
        "maximumDuration": "1h",
    }
    odd = ("{" * 9, "{port}", "{{x}}", "{a[0].b}", "{x!r:>99999999}", "/..", "~", "9" * 999 + "h")
    further = ("environment", "files", "resources", "requires", "x", "readiness", "command")
    for name in random.sample((*sound, *further), random.randrange(1, 4)):
        values = (text_of_json(random), random.choice(odd) * often(random), _yaml(random, door))
        sound[name] = random.choice(values)
    return "".join(f"{name}: {value}\n" for name, value in sound.items())


_GRAMMARS: Mapping[str, Callable[[Random, Door], str | bytes]] = {
    "json": _json,
    "patch": _patch,
    "yaml": _yaml,
    "protobuf": _protobuf,
    "selector": _selector,
    "heads": _head,
    "templates": _template,
}
