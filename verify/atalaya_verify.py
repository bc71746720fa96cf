#!/usr/bin/env python3
"""Check proofs of an Atalaya log without Atalaya: this one file, Python 3.9 or later, and `cryptography`.
  atalaya_verify.py bundle POLICY FILE                every fact is in the log, every figure in its fact
  atalaya_verify.py receipt POLICY FILE ENTRY [SALT]  an entry is in the log (salt: base64, or in the receipt)
  atalaya_verify.py consistency POLICY OLD NEW PROOF  NEW continues OLD (one base64 hash to a line)
  atalaya_verify.py log POLICY FOLDER [OLD]           recompute a folder of tiles, and that it continues OLD
POLICY (C2SP tlog-policy) names whose word is enough; get its keys from their owners. Its lines: `log KEY`,
`witness NAME KEY`, `group NAME 2 NAME NAME NAME` (two of three), `quorum NAME` (a witness, a group, or none).
--lang es for Spanish. Exit code 0: it holds; 6: it does not; 2: called wrongly, or a file cannot be read.
"""

import argparse
import base64
import hashlib
import json
import pkgutil
import re
import time
from pathlib import Path

SPANISH = """HOLDS=ES VÁLIDO|DOES NOT HOLD=NO ES VÁLIDO|cannot read=no se puede leer|entries=asientos
signed by=firmado por|signed by no witness=sin firma de testigos|key=clave|time of=hora de|policy=política
tile=tesela|figure=cifra|signature=firma|inclusion proof=prueba de inclusión|signed note=nota firmada
bundle=paquete|consistency proof=prueba de consistencia|checkpoint of=punto de control de|receipt=recibo|at=el
signatures missing=faltan firmas|tree hash=huella del árbol|older tree=árbol anterior|wrong form=mala forma"""
FILES = {"bundle": (1,), "receipt": (2, 3), "consistency": (3,), "log": (1, 2)}
KEYS = {(1, 33): "ed25519.Ed25519", (4, 33): "ed25519.Ed25519", (6, 1313): "mldsa.MLDSA44"}


def need(truth, what="wrong form", which=""):
    if not truth:
        raise ValueError(what, which)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text)
    return data


def number(text):
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text, re.ASCII) and int(text) < 1 << 63)
    return int(text)


def hashes(lines):
    need(len(lines) < 64 and all(len(unbase64(line)) == 32 for line in lines))
    return [unbase64(line) for line in lines]


def included(index, size, leaf, proof):
    """Root that an inclusion proof gives, from the definition (RFC 6962 2.1.1)."""
    need(0 <= index < size and bool(proof) == (size > 1), "inclusion proof")
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return sha(b"\1", included(index, half, leaf, proof[:-1]), proof[-1])
    return sha(b"\1", proof[-1], included(index - half, size - half, leaf, proof[:-1]))


def continued(old_size, size, proof, old_root, whole=True):
    """Old and new root that a consistency proof gives (RFC 6962 2.1.2)."""
    need(0 < old_size <= size and len(proof) >= (old_size < size or not whole), "consistency proof")
    if old_size == size:
        need(len(proof) == (not whole), "consistency proof")
        return (old_root, old_root) if whole else (proof[0], proof[0])
    half, last = 1 << (size - 1).bit_length() - 1, proof[-1]
    if old_size <= half:
        old, new = continued(old_size, half, proof[:-1], old_root, whole)
        return old, sha(b"\1", new, last)
    old, new = continued(old_size - half, size - half, proof[:-1], old_root, False)
    return sha(b"\1", last, old), sha(b"\1", last, new)


def parse_key(text):
    """(name, key id, type, public key) of a verifier key."""
    name, key_id, data = text.split("+", 2)
    made = sha(name.encode(), b"\n", data := unbase64(data))[:4]
    need(name and made.hex() == key_id and (data[0], len(data)) in KEYS, "key", text[:60])
    return name, made, data[0], data[1:]


def signed_at(key, value, text, size, root):
    """Time of a cosignature (POSIX seconds), None of a plain signature; raises where it does not hold."""
    (name, _, kind, public), stamp, message = key, None, text.encode()
    if kind != 1:
        stamp, at, value = int.from_bytes(value[:8], "big"), value[:8], value[8:]
        need(0 < stamp < time.time() + 300, "time of", name)  # noqa: TID251  stands alone
        message = f"cosignature/v1\ntime {stamp}\n{text}".encode()
    if kind == 6:
        who, origin = (bytes([len(one.encode())]) + one.encode() for one in (name, text.split("\n")[0]))
        message = b"subtree/v1\n\0" + who + at + origin + bytes(8) + size.to_bytes(8, "big") + root
    reader = f"cryptography.hazmat.primitives.asymmetric.{KEYS[kind, 1 + len(public)]}PublicKey"
    pkgutil.resolve_name(reader).from_public_bytes(public).verify(value, message)
    return stamp


def once(pairs):
    return dict(pairs) if len(dict(pairs)) == len(pairs) else need(0)


def strict(text):
    return json.loads(text, object_pairs_hook=once, parse_float=number, parse_constant=number)


def read(path):
    return Path(path).read_bytes().decode()


def tile(folder, level, start, width):
    digits = str(start // 256)
    name = re.sub("(...)(?=.)", r"x\1/", digits.zfill(-(-len(digits) // 3) * 3))
    return Path(folder, "tile", str(level), name if width == 256 else f"{name}.p/{width}").read_bytes()


def root_of(level, folder=None):
    """Tree hash of leaf hashes; on the way up the tiles of a folder are compared."""
    size, depth = len(level), 0
    while level:
        for start in range(0, size >> depth if folder and depth % 8 == 0 else 0, 256):
            part = level[start : min(start + 256, size >> depth)]
            need(tile(folder, depth // 8, start, len(part)) == b"".join(part), "tile", start)
        if len(level) == 1:
            return level[0]
        pairs = [sha(b"\1", *level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level, depth = pairs + level[len(level) & ~1 :], depth + 1
    return sha()


class Verifier:
    """Checks under a policy: each gives origin, size, root and times of cosigning, or raises."""

    def __init__(self, policy):
        self.logs, self.members, self.quorum = {}, {"none": (0, [])}, []
        for kind, name, *more in map(str.split, re.findall(r"^(?!#).*\S.*$", policy, re.MULTILINE)):
            if kind == "log" and len(more) < 2:
                self.logs[name.split("+")[0]] = parse_key(name)
            elif kind == "witness" and 0 < len(more) < 3 and name not in self.members:
                self.members[name] = parse_key(more[0])
            elif kind == "group" and len(more) > 1 and name not in self.members:
                k = number({"any": "1", "all": str(len(more) - 1)}.get(more[0], more[0]))
                need(0 < k <= len(set(more[1:])) == len(more) - 1, "policy", name)
                self.members[name] = (k, [member for member in more[1:] if self.members[member]])
            else:
                need(kind == "quorum" and not more, "policy", kind)
                self.quorum.append(name)
        self.witnesses = [key for key in self.members.values() if len(key) == 4]
        need(len({key[3] for key in self.witnesses}) == len(self.witnesses), "policy", "key")
        need(self.logs and len(self.quorum) == 1 and self.quorum[0] in self.members, "policy", "quorum")

    def met(self, name, held):
        rule = self.members[name]  # a witness's key, or how many of which
        return rule[:2] in held if len(rule) == 4 else sum(self.met(one, held) for one in rule[1]) >= rule[0]

    def checkpoint(self, note):
        need(re.fullmatch("(?!\ufeff)[\n -\U0010ffff]*\n\n[\n -\U0010ffff]*\n", note), "signed note")
        text, _, rest = note[:-1].rpartition("\n\n")
        origin, size, root, *more = text.split("\n")
        size, root = number(size), hashes([root])[0]
        need(all(more) and origin in self.logs and (size or root == sha()), "checkpoint of", origin)
        lines = [line.split(" ") for line in rest.split("\n")]
        found = {(name, unbase64(value)[:4]): unbase64(value)[4:] for _, name, value in lines}
        need(len(found) == len(lines) and all(line[0] == "\u2014" for line in lines), "signed note")
        keys = [key for key in (self.logs[origin], *self.witnesses) if key[:2] in found]
        held = {key[:2]: signed_at(key, found[key[:2]], text + "\n", size, root) for key in keys}
        need(self.logs[origin][:2] in held and self.met(self.quorum[0], held), "signatures missing")
        return origin, size, root, {name: stamp for (name, _), stamp in held.items() if stamp}

    def proof(self, text, entry, salt):
        head, _, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        extra = lines.pop(0)[6:] if lines[0].startswith("extra ") else None
        need(first == "c2sp.org/tlog-proof@v1" and lines[0].startswith("index "), "receipt")
        trusted, leaf = self.checkpoint(note), sha(b"\0", sha(hashes([salt or extra])[0], entry))
        got = included(number(lines[0][6:]), trusted[1], leaf, hashes(lines[1:]))
        return trusted if got == trusted[2] else need(0, "inclusion proof")

    def receipt(self, path, entry, salt=None):
        return self.proof(read(path), Path(entry).read_bytes(), salt)

    def bundle(self, path):
        value = strict(read(path))
        facts = [(fact["receipt"], fact["entry"], fact["salt"]) for fact in value["facts"]]
        trusted = [self.proof(receipt, entry.encode(), salt) for receipt, entry, salt in facts]
        notes = {receipt.partition("\n\n")[2] for receipt, _, _ in facts}
        exact = all(len(one) == 3 for one in (value, *value["facts"], *value["figures"].values()))
        need(exact and value["schema"] == "atalaya.bundle/1" and len(notes) == 1, "bundle")
        for name, one in value["figures"].items():
            need(one["pointer"][0] == "/" and str(one["fact"]).isdigit(), "figure", name)
            got = strict(facts[one["fact"]][1])
            for token in one["pointer"][1:].split("/"):
                token = token.replace("~1", "/").replace("~0", "~")
                got = got[number(token)] if isinstance(got, list) else got[token]
            need(got == one["value"] and type(got) is type(one["value"]) not in (dict, list), "figure", name)
        return trusted[0]

    def consistency(self, old, new, proof):
        (name, size, root, _), trusted = self.checkpoint(read(old)), self.checkpoint(read(new))
        roots = continued(size, trusted[1], hashes(read(proof).split("\n")[:-1]), root)
        need(roots == (root, trusted[2]) and name == trusted[0], "consistency proof")
        return trusted

    def log(self, folder, old=None):
        trusted, leaves = self.checkpoint(read(Path(folder, "checkpoint"))), []
        for start in range(0, trusted[1], 256):
            data, end = tile(folder, "entries", start, min(256, trusted[1] - start)), 0
            while end < len(data):
                begin, end = end + 2, end + 2 + int.from_bytes(data[end : end + 2], "big")
                leaves.append(sha(b"\0", data[begin:end]))
            need(end == len(data) and len(leaves) == min(start + 256, trusted[1]), "tile", f"entries/{start}")
        need(root_of(leaves, folder) == trusted[2], "tree hash")
        name, size, root, _ = self.checkpoint(read(old)) if old else trusted
        need(name == trusted[0] and size <= trusted[1] and root_of(leaves[:size]) == root, "older tree")
        return trusted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=FILES)
    parser.add_argument("policy")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--lang", choices=("en", "es"), default="en")
    args = parser.parse_args()
    spanish = dict(pair.split("=") for pair in SPANISH.replace("\n", "|").split("|"))
    say = (lambda text: spanish.get(text, text)) if args.lang == "es" else str
    if len(args.files) not in FILES[args.what]:
        parser.error(f"{args.what}: FILE x {FILES[args.what]}")
    try:
        origin, size, _, times = getattr(Verifier(read(args.policy)), args.what)(*args.files)
    except OSError as error:
        end = 2, f"{say('cannot read')} {error.filename}"
    except Exception as error:  # noqa: BLE001  whatever fails, the proof does not hold
        what = "signature" if type(error).__name__ == "InvalidSignature" else "wrong form"
        what, which = error.args if type(error) is ValueError and len(error.args) == 2 else (what, "")
        end = 6, f"{say('DOES NOT HOLD')}: {say(what)} {which}".rstrip()
    else:
        dates = {name: time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)) for name, at in times.items()}
        who = "; ".join(f"{say('signed by')} {name} {say('at')} {date}" for name, date in dates.items())
        end = 0, f"{say('HOLDS')}: {origin}, {size} {say('entries')}; {who or say('signed by no witness')}"
    print(end[1])
    return end[0]


if __name__ == "__main__":
    raise SystemExit(main())
