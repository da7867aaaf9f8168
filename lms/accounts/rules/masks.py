"""How much of a person a screen shows: enough to recognise one's own, not enough to use another's."""


def mask_id_number(number: str | None) -> str:
    """Return `420***********123X`; "" for none."""
    if not number:
        return ""
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


def mask_phone(number: str | None) -> str:
    """Return `138****1234`; "" for none."""
    if not number:
        return ""
    return number[:3] + "****" + number[-4:]


def mask_name(name: str) -> str:
    """Return `张*`, `李*明`, `阿*****提`: the first character, and the last of names longer than two."""
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def tail(number: str | None) -> str:
    """Return the last four characters of a number; "" for none."""
    return number[-4:] if number else ""
