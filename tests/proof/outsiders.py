"""Servers of other people on loopback: a witness after c2sp.org/tlog-witness, and an authority that runs `openssl ts`.

The witness is written from the standard alone, with its own arithmetic, and shares no code with what it is asked by.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Reply = tuple[int, str, bytes]
Respond = Callable[[str, str, bytes], Reply]


@contextmanager
def served(respond: Respond) -> Iterator[str]:
    """A server that answers each POST with `respond(path, content type, body)`; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, media, answer = respond(self.path, self.headers["Content-Type"], body)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestWitness:
    """Knows logs by their verifier keys, keeps the newest size and root that it cosigned of each origin."""

    __test__ = False

    def __init__(self, *log_keys: str, name: str = "witness.example/w1", seed: bytes = b"w" * 32) -> None:
        self.keys = list(log_keys)
        self.name = name
        self.known: dict[str, tuple[int, bytes]] = {}
        self.asked: list[int] = []
        self.now = 1_790_000_000
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def vkey(self) -> str:
        data = b"\x04" + self._key.public_key().public_bytes_raw()
        return f"{self.name}+{self._key_id().hex()}+{base64.b64encode(data).decode()}"

    def _key_id(self) -> bytes:
        public = self._key.public_key().public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4]

    def cosign(self, text: str) -> str:
        signature = self._key.sign(f"cosignature/v1\ntime {self.now}\n{text}".encode())
        data = self._key_id() + self.now.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(data).decode()}\n"

    def respond(self, path: str, _media: str, body: bytes) -> Reply:
        if path != "/add-checkpoint":
            return 404, "text/plain", b"no such address\n"
        head, _, note = body.decode().partition("\n\n")
        first, *proof = head.split("\n")
        text = note[: note.rindex("\n\n") + 1]
        origin, number, root64 = text.split("\n")[:3]
        old, size, root = int(first.removeprefix("old ")), int(number), base64.b64decode(root64)
        self.asked.append(old)
        refusal = self._refusal(origin, old, size, root, note, [base64.b64decode(line) for line in proof])
        if refusal is not None:
            return refusal
        self.known[origin] = (size, root)
        return 200, "text/plain", ("— other.example/w9 AAAAAAAA\n" + self.cosign(text)).encode()

    def _refusal(self, origin: str, old: int, size: int, root: bytes, note: str, proof: list[bytes]) -> Reply | None:
        trusted = [key for key in self.keys if key.partition("+")[0] == origin]
        known_size, known_root = self.known.get(origin, (0, b""))
        if not trusted:
            return 404, "text/plain", b""
        if not any(_signed(note, key) for key in trusted):
            return 403, "text/plain", b""
        if old > size:
            return 400, "text/plain", b""
        if old != known_size or (old == size and root != known_root):
            return 409, "text/x.tlog.size", f"{known_size}\n".encode()
        if not _grows(old, known_root, size, root, proof):
            return 422, "text/plain", b""
        return None


def _signed(note: str, key: str) -> bool:
    name, _, data = key.split("+", 2)
    cut = note.rindex("\n\n")
    for line in note[cut + 2 :].splitlines():
        _, who, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if who == name:
            try:
                Ed25519PublicKey.from_public_bytes(base64.b64decode(data)[1:]).verify(raw[4:], note[: cut + 1].encode())
            except InvalidSignature:
                continue
            return True
    return False


def _grows(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 6962, section 2.1.2, undone from the end of the proof: SUBPROOF's own recursion."""
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)
    left = list(proof)

    def undo(m: int, n: int, whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            part = old_root if whole else left.pop()
            return part, part
        cut = 1 << ((n - 1).bit_length() - 1)
        side = left.pop()
        if m <= cut:
            before, after = undo(m, cut, whole)
            return before, hashlib.sha256(b"\x01" + after + side).digest()
        before, after = undo(m - cut, n - cut, False)
        return hashlib.sha256(b"\x01" + side + before).digest(), hashlib.sha256(b"\x01" + side + after).digest()

    try:
        return undo(old, new, True) == (old_root, new_root) and not left
    except IndexError:
        return False


class TestAuthority:
    """`openssl ts` over certificates of its own: `ca.pem` vouches for `tsa.pem`."""

    __test__ = False

    def __init__(self, folder: Path, algorithm: str = "ec", usage: str = "critical,timeStamping") -> None:
        self.folder = folder
        self.asked = 0
        folder.mkdir()
        kind = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}[algorithm]
        (folder / "ext").write_text(f"basicConstraints=CA:FALSE\nextendedKeyUsage={usage}\n")
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(
            "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n"
        )
        self._openssl("req", "-x509", "-newkey", *kind, *_NEW, "ca.key", "-out", "ca.pem", "-subj", "/CN=Test root")
        self._openssl("req", "-newkey", *kind, *_NEW, "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test authority")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2", "-extfile", "ext", "-days", "3650")
        self._openssl("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *signed)

    def pem(self, name: str = "ca") -> bytes:
        return (self.folder / f"{name}.pem").read_bytes()

    def respond(self, _path: str, media: str, body: bytes) -> Reply:
        self.asked += 1
        if media != "application/timestamp-query":
            return 415, "text/plain", b""
        return 200, "application/timestamp-reply", self.stamp(body)

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "q.tsq").write_bytes(query)
        signer = ("-signer", "tsa.pem", "-inkey", "tsa.key")
        self._openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "q.tsq", *signer, "-out", "r.tsr")
        return (self.folder / "r.tsr").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


_NEW = ("-nodes", "-keyout")
