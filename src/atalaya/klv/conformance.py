"""Does a stream say what its standard asks, in the way it asks? Packets in, findings in plain words out.

Rules of one packet: time stamp first, checksum last and right, version, no item twice, lengths, values,
unknown and withdrawn items (ST 0601.19 section 6, ST 0107). Rules of the stream: the ST 0902 minimum set with
the 30 s hold, one time base, security marking, and which standard it is at all.

Most rules look at tags and lengths only, which packets of a stream share: they are judged once for each
layout and counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from atalaya.base.clock import plausible
from atalaya.base.finding import Finding, Severity, merged
from atalaya.klv import imapb, st0102, st0601, st0902, timebase
from atalaya.klv.item import Item, Kind
from atalaya.klv.keys import Family
from atalaya.klv.localset import LocalSet
from atalaya.klv.packet import Packet
from atalaya.klv.table import Layout
from atalaya.klv.values import Malformed, Reason

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_MAX_LAYOUTS = 512
_ANOTHER_RECORDING_US = 600_000_000
"""A jump of time by more than this is another recording glued on, not silence."""
_MAX_VERDICTS = 256
"""Different findings kept apart; a stream of random bytes would name items without end."""
_REASON_CODES = {Reason.LENGTH: "KLV-016", Reason.TEXT: "KLV-029", Reason.NESTED: "KLV-030"}


_LINEAR = (Kind.LINEAR_SIGNED, Kind.LINEAR_UNSIGNED)
_Verdict = tuple[str, Severity, str]
"""Code, severity, and the item it is about ("" for the whole packet)."""


@dataclass
class _Seen:
    """How often one layout came, and where first."""

    layout: Layout
    family: Family
    count: int
    where: str


class StreamCheck:
    """Collects what the packets of one stream show. Feed them in order, then ask for the findings."""

    def __init__(self) -> None:
        self._layouts: dict[tuple[Family, int], _Seen] = {}
        self._present: Counter[tuple[Family, int]] = Counter()
        self._families: Counter[Family] = Counter()
        self._counts: Counter[_Verdict] = Counter()
        self._first: dict[_Verdict, str] = {}
        self._last_seen: dict[int, int] = {}
        self._gaps: Counter[int] = Counter()
        self._security_tags: set[int] = set()
        self._marking: LocalSet | None = None
        self._last_time: int | None = None
        self._leap_seconds: dict[int, None] = {}
        self._first_time: int | None = None
        self._vmti_versions: set[int | None] = set()
        self.packets = 0

    def add(self, packet: Packet, where: str = "") -> None:
        """Take one packet in; `where` names its place (PID, byte offset) for the findings."""
        self.packets += 1
        layout = packet.items.layout
        seen = self._layouts.get((packet.family, id(layout)))
        if seen is None:
            if len(self._layouts) >= _MAX_LAYOUTS:
                self._flush()
            # The entry keeps the layout alive, so its id stays its own.
            self._layouts[packet.family, id(layout)] = _Seen(layout, packet.family, 1, where)
        else:
            seen.count += 1
        if packet.checksum_ok is False:
            self._note("KLV-013", _ERROR, "", where)
        if packet.items.rest:
            self._note("KLV-028", _ERROR, "", where)
        self._values(packet.items, where)
        self._time(packet, where)
        self._security(packet, where)
        self._stores(packet, where)
        if packet.vmti is not None:
            self._vmti(packet, where)

    def _note(self, code: str, severity: Severity, item: str, where: str, count: int = 1) -> None:
        key = (code, severity, item)
        if key not in self._counts and len(self._counts) >= _MAX_VERDICTS:
            key = (code, severity, "...")
        self._counts[key] += count
        self._first.setdefault(key, where)

    def _values(self, items: LocalSet, where: str) -> None:
        layout = items.layout
        for item, value, (begin, end) in zip(layout.items, items.values, layout.spans, strict=True):
            if item is None:
                continue
            if isinstance(value, Malformed):
                self._note(_REASON_CODES.get(Reason(value.reason), "KLV-030"), _WARNING, item.name, where)
            elif (item.high or item.codes) and not _in_range(item, value, end - begin):
                self._note("KLV-019", _WARNING, item.name, where)

    def _time(self, packet: Packet, where: str) -> None:
        stamp = packet.time_us
        if stamp is None:
            return
        if self._first_time is None:
            self._first_time = stamp
        leap = packet.get(136)
        if packet.family is Family.ST0601 and isinstance(leap, int):
            self._leap_seconds[leap] = None
        if not plausible(stamp):
            self._note("KLV-026", _ERROR, "", where)
            return
        if self._last_time is not None and stamp < self._last_time:
            self._note("KLV-035", _WARNING, "", where)
        if self._last_time is not None and abs(stamp - self._last_time) > _ANOTHER_RECORDING_US:
            self._last_seen.clear()
        self._last_time = stamp
        if packet.family is Family.ST0601:
            self._hold(packet.items.layout, stamp)

    def _hold(self, layout: Layout, stamp: int) -> None:
        """Count the times an item of the minimum set came back after more than the hold."""
        last_seen = self._last_seen
        for tag in layout.tags:
            if tag in st0902.MINIMUM_TAGS:
                before = last_seen.get(tag, stamp)
                if stamp - before > st0902.HOLD_US:
                    self._gaps[tag] += 1
                last_seen[tag] = stamp

    def _security(self, packet: Packet, where: str) -> None:
        marking = packet.security
        if marking is not None and marking is not self._marking:
            self._marking = marking
            self._security_tags.update(marking.layout.tags)
            self._values(marking, where)

    def _stores(self, packet: Packet, where: str) -> None:
        if packet.family is not Family.ST0601:
            return
        for tag in stores_claimed(packet):
            self._note("KLV-032", _ERROR, st0601.BY_TAG[tag].name, where)

    def _vmti(self, packet: Packet, where: str) -> None:
        report = packet.vmti
        if report is None:
            return
        self._vmti_versions.add(report.version)
        if report.legacy:
            self._note("KLV-023", _INFO, str(report.version or "?"), where)
        if packet.family is Family.ST0601:
            for target in report.targets:
                self._values(target.items, where)

    def findings(self) -> list[Finding]:
        """Everything found so far, errors first; counts are packets."""
        self._flush()
        found = [
            Finding(code, severity, count, self._first[code, severity, item], {"item": item} if item else {})
            for (code, severity, item), count in self._counts.items()
        ]
        present = Counter({tag: n for (family, tag), n in self._present.items() if family is Family.ST0601})
        total = self._families[Family.ST0601]
        if total:
            tags, leaps = self._security_tags, self._leap_seconds
            found += count_findings(present, total, tags, self._first_time, leaps)
            found += [
                Finding("KLV-033", _WARNING, count, details={"item": st0601.BY_TAG[tag].name})
                for tag, count in sorted(self._gaps.items())
            ]
        if None in self._vmti_versions and len(self._vmti_versions) == 1:
            found.append(Finding("KLV-031", _WARNING))
        old = self._families[Family.EG0104]
        if old and not self._present[Family.EG0104, 48]:
            found.append(Finding("KLV-025", _WARNING, old))
        return merged(found)

    def _flush(self) -> None:
        """Judge the layouts seen so far and forget them, so that a long stream needs bounded memory."""
        for seen in self._layouts.values():
            self._families[seen.family] += seen.count
            for tag in set(seen.layout.tags):
                self._present[seen.family, tag] += seen.count
            for code, severity, item in _layout_findings(seen):
                self._note(code, severity, item, seen.where, seen.count)
        self._layouts.clear()


def check_packets(packets: Iterable[Packet]) -> list[Finding]:
    """The findings of one stream's packets, in order."""
    check = StreamCheck()
    for number, packet in enumerate(packets):
        check.add(packet, f"packet {number}")
    return check.findings()


def stores_claimed(packet: Packet) -> list[int]:
    """Tags on stores and weapons whose bytes are not all zero. They are never interpreted further."""
    claimed = []
    for tag in st0601.STORES_TAGS:
        raw = packet.items.raw(tag)
        if raw is not None and any(raw):
            claimed.append(tag)
    return claimed


def count_findings(
    present: Counter[int],
    packets: int,
    security_tags: set[int],
    time_us: int | None = None,
    leap_seconds: Iterable[int] = (),
) -> list[Finding]:
    """The rules of a stream that need only how often each tag came (a columnar reader has no packets).

    Args:
        present: packets that hold each ST 0601 tag.
        packets: ST 0601 packets in all.
        security_tags: ST 0102 tags seen in tag 48.
        time_us: any time stamp of the stream, for the size of the doubt.
        leap_seconds: every value of item 136.
    """
    found = []
    missing = [row for row in st0902.MINIMUM if not any(present[tag] for tag in row)]
    if not present[st0601.VERSION]:
        found.append(Finding("KLV-014", _ERROR, packets))
    elif present[st0601.VERSION] < packets:
        found.append(Finding("KLV-036", _INFO, packets - present[st0601.VERSION]))
    if not present[48]:
        found.append(Finding("KLV-025", _WARNING, packets))
    else:
        lacking = [tag for tag in st0902.SECURITY if tag not in security_tags]
        if lacking:
            names = ", ".join(st0102.TABLE.by_tag[tag].name for tag in lacking)
            found.append(Finding("KLV-034", _WARNING, details={"items": names}))
    named = [row for row in missing if row[0] not in (1, 2, 48, 65)]
    if named:
        names = ", ".join("|".join(st0601.BY_TAG[tag].name for tag in row) for row in named)
        found.append(Finding("KLV-018", _WARNING, details={"items": names, "lacking": len(named)}))
    leaps = list(leap_seconds)
    if leaps:
        severity = _INFO if len(leaps) == 1 else _WARNING
        found.append(Finding("KLV-022", severity, details={"seconds": ", ".join(map(str, leaps))}))
    elif present[st0601.TIME]:
        found.append(Finding("KLV-021", _WARNING, details={"seconds": timebase.doubt_s(time_us or 0)}))
    return found


def _layout_findings(seen: _Seen) -> list[_Verdict]:
    layout, family = seen.layout, seen.family
    out: list[_Verdict] = []
    if family is Family.EG0104:
        out.append(("KLV-024", _WARNING, ""))
    if family in (Family.ST0601, Family.EG0104) and st0601.TIME not in layout.index:
        out.append(("KLV-027", _ERROR, ""))
    if family is Family.ST0601:
        tags = layout.tags
        if st0601.TIME in layout.index and tags[0] != st0601.TIME:
            out.append(("KLV-010", _ERROR, ""))
        if st0601.CHECKSUM not in layout.index:
            out.append(("KLV-012", _ERROR, ""))
        elif tags[-1] != st0601.CHECKSUM:
            out.append(("KLV-011", _ERROR, ""))
    return out + _item_findings(layout)


def _item_findings(layout: Layout) -> list[_Verdict]:
    out: list[_Verdict] = []
    repeats = Counter(layout.tags)
    for place, (tag, item) in enumerate(zip(layout.tags, layout.items, strict=True)):
        if item is None:
            out.append(("KLV-020", _INFO, f"tag_{tag}" if tag >= 0 else "label"))
            continue
        if repeats[tag] > 1 and layout.index.get(tag) == place and not item.multiple:
            out.append(("KLV-015", _ERROR, item.name))
        if item.deprecated:
            out.append(("KLV-017", _WARNING, item.name))
        begin, end = layout.spans[place]
        if item.max_length and end - begin > item.max_length:
            out.append(("KLV-037", _WARNING, item.name))
    return list(dict.fromkeys(out))


def _in_range(item: Item, value: object, length: int) -> bool:
    """Whether an integer is one the standard allows, or a mapped number inside its range."""
    if not isinstance(value, (int, float)):
        return True
    if item.codes:
        return any(value == code for code, _ in item.codes)
    # A mapped code cannot leave a linear range; an IMAPB one can, and by one step it may.
    slack = 1.0 / imapb.scale(item.low, item.high, length)[0] if item.kind is Kind.IMAPB else 0.0
    return item.kind in _LINEAR or item.low - slack <= value <= item.high + slack
