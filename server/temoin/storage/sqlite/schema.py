"""The tables of the embedded store, and how an older file becomes a newer one.

`PRAGMA user_version` counts the migrations that a file has seen; each runs in a transaction of its own, so a crash
between two leaves a file that the next start carries on with.

The index by subject holds `subject_key`, 64 bits of a hash, not the subject: SQLite may leave copies of an index's
cells in the unused parts of its pages, where no erasure reaches them.

An entry's key is `site.no * 2**40 + index`: one integer, so that a site's log lies together and appending at the end
costs the same at any length.
"""

from __future__ import annotations

import hashlib

INDEX_BITS = 40

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', 0);

CREATE TABLE site (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    draft BLOB NOT NULL,
    version TEXT,
    published_at TEXT,
    script TEXT,
    files TEXT,
    generation INTEGER NOT NULL,
    origin TEXT NOT NULL,
    signing_key BLOB NOT NULL,
    appended INTEGER NOT NULL DEFAULT 0,
    sealed INTEGER NOT NULL DEFAULT 0,
    checkpoint TEXT
);
CREATE INDEX site_generation ON site (generation);
CREATE INDEX site_unsealed ON site (no) WHERE appended > sealed;

CREATE TABLE config (
    site_no INTEGER NOT NULL REFERENCES site (no),
    version TEXT NOT NULL,
    body BLOB NOT NULL,
    published_at TEXT NOT NULL,
    PRIMARY KEY (site_no, version)
);

CREATE TABLE entry (
    key INTEGER PRIMARY KEY,
    site_no INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    body BLOB,
    commitment BLOB NOT NULL,
    digest BLOB NOT NULL
);
CREATE UNIQUE INDEX entry_id ON entry (site_no, id);
CREATE INDEX entry_subject ON entry (site_no, subject, key) WHERE subject IS NOT NULL;

CREATE TABLE tile (
    site_no INTEGER NOT NULL,
    path TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (site_no, path)
);

CREATE TABLE blob (digest TEXT PRIMARY KEY, data BLOB NOT NULL);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE account (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
    digest BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    site TEXT NOT NULL,
    scope TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
"""

# An entry without body is archived where `segment` names where, erased otherwise. The table is copied rather than
# altered: rows that grow in place leave copies of their neighbours behind.
_SECOND = """
CREATE TABLE entry_next (
    key INTEGER PRIMARY KEY,
    site_no INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT,
    body BLOB,
    commitment BLOB NOT NULL,
    digest BLOB NOT NULL,
    subject_key INTEGER,
    segment INTEGER
);
INSERT INTO entry_next
    SELECT key, site_no, id, kind, subject, body, commitment, digest, subject_key(subject), NULL
    FROM entry ORDER BY key;
DROP TABLE entry;
ALTER TABLE entry_next RENAME TO entry;
CREATE UNIQUE INDEX entry_id ON entry (site_no, id);
CREATE INDEX entry_subject ON entry (site_no, subject_key, key) WHERE subject_key IS NOT NULL;

CREATE TABLE segment (
    no INTEGER PRIMARY KEY,
    site_no INTEGER NOT NULL,
    first INTEGER NOT NULL,
    until INTEGER NOT NULL,
    records INTEGER NOT NULL,
    expires_last TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE
);
CREATE INDEX segment_place ON segment (site_no, first);

ALTER TABLE site ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE site ADD COLUMN archived_until INTEGER NOT NULL DEFAULT 0;
"""

_TRUST = """
CREATE TABLE IF NOT EXISTS log_key (
    site_no INTEGER NOT NULL REFERENCES site (no),
    rotation INTEGER NOT NULL,
    vkey TEXT NOT NULL,
    seed BLOB,
    act INTEGER NOT NULL,
    act_id TEXT NOT NULL,
    checkpoint TEXT,
    PRIMARY KEY (site_no, rotation)
);

CREATE TABLE IF NOT EXISTS endorsement (
    site_no INTEGER NOT NULL REFERENCES site (no),
    source TEXT NOT NULL,
    size INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    answer BLOB NOT NULL,
    obtained_at TEXT NOT NULL,
    PRIMARY KEY (site_no, source, size)
);
"""

# Files that commands exported, for as long as they may be there. `sha256` is null while one is made.
_EXPORTS = """
CREATE TABLE IF NOT EXISTS export (
    no INTEGER PRIMARY KEY,
    site_no INTEGER NOT NULL REFERENCES site (no),
    path TEXT NOT NULL,
    form TEXT NOT NULL,
    wanted BLOB NOT NULL,
    language TEXT,
    log_size INTEGER NOT NULL,
    sha256 TEXT,
    due INTEGER NOT NULL DEFAULT 0
);
"""

# `sketch` is there while its day lasts. Periods: see `temoin.analytics.ports`.
_AUDIENCE = """
CREATE TABLE audience_salt (day INTEGER PRIMARY KEY, salt BLOB NOT NULL);

CREATE TABLE audience_value (
    no INTEGER PRIMARY KEY,
    site_no INTEGER NOT NULL REFERENCES site (no),
    kind INTEGER NOT NULL,
    value TEXT NOT NULL
);
CREATE UNIQUE INDEX audience_value_text ON audience_value (site_no, kind, value);

CREATE TABLE audience (
    site_no INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    period INTEGER NOT NULL,
    value_no INTEGER NOT NULL,
    series INTEGER NOT NULL,
    views INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    exits INTEGER NOT NULL,
    continued INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    PRIMARY KEY (site_no, kind, period, value_no, series)
) WITHOUT ROWID;

CREATE TABLE audience_visitors (
    site_no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    series INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    sketch BLOB,
    PRIMARY KEY (site_no, day, series)
) WITHOUT ROWID;

CREATE TABLE audience_minute (
    site_no INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    views INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    PRIMARY KEY (site_no, minute)
) WITHOUT ROWID;
"""

# Accounts, sessions and tokens become small values by key; an older account has its role on every site, and whoever was
# logged in logs in again.
KEYED = """
CREATE TABLE keyed (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    revision INTEGER NOT NULL,
    expires_at TEXT,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX keyed_expiry ON keyed (expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO keyed SELECT 'account', name, CAST(json_object(
    'id', lower(hex(randomblob(6))), 'name', name, 'password', password, 'roles', json_object('*', role),
    'created_at', created_at) AS BLOB), 1, NULL FROM account;
INSERT INTO keyed SELECT 'token', lower(hex(digest)), CAST(json_object(
    'id', id, 'site', site, 'scopes', json_array(scope), 'label', label, 'created_at', created_at,
    'digest', lower(hex(digest))) AS BLOB), 1, NULL FROM token;
DROP TABLE session;
DROP TABLE account;
DROP TABLE token;
"""

# Banners shown and answers to them: see `Asked` of `temoin.analytics.ports`.
_ASKED = """
CREATE TABLE asked (
    site_no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    device TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (site_no, day, version, language, device, what)
) WITHOUT ROWID;
"""

# Few of a log's entries are publications, and every record shown asks for its own.
_PUBLICATIONS = "CREATE INDEX entry_publication ON entry (site_no, key) WHERE kind = 'publication';"

MIGRATIONS = (_FIRST, _SECOND, _TRUST, _EXPORTS, _AUDIENCE, KEYED, _ASKED, _PUBLICATIONS)


def subject_key(subject: str | None) -> int | None:
    """64 bits that find a subject's entries and tell nothing about it; None for an entry that concerns no visitor."""
    if subject is None:
        return None
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8], "big", signed=True)
