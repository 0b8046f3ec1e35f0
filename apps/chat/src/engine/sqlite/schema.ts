// The tables, and how a file of an earlier version gets them.

import type { DatabaseSync } from 'node:sqlite'
import { fillNames } from './names.ts'
import { fillIndex } from './search-index.ts'

/** In the header of our files: "WSch". */
export const APPLICATION_ID = 0x57_53_63_68

const FIRST = `
  CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    top INTEGER NOT NULL DEFAULT 0,
    oldest INTEGER NOT NULL DEFAULT 1
  ) STRICT;

  CREATE TABLE room_state (
    room INTEGER NOT NULL REFERENCES room,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (room, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room,
    seq INTEGER NOT NULL,
    user TEXT NOT NULL,
    nick TEXT NOT NULL,
    cid TEXT NOT NULL,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    fold TEXT,
    UNIQUE (room, seq),
    UNIQUE (room, user, cid)
  ) STRICT;

  -- The words of each message as it reads now, and its room's id. The words are made in words.ts.
  CREATE VIRTUAL TABLE search USING fts5 (
    room, body, content = '', contentless_delete = 1, detail = column, prefix = '2 3', tokenize = 'ascii'
  );

  CREATE TABLE account (
    id TEXT PRIMARY KEY,
    nick TEXT NOT NULL,
    nick_key TEXT NOT NULL UNIQUE,
    guest INTEGER NOT NULL,
    password TEXT,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX guest_by_creation ON account (created) WHERE guest;

  CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_by_user ON session (user);
  CREATE INDEX session_by_expiry ON session (expires);

  CREATE TABLE membership (
    user TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    room TEXT NOT NULL,
    read INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, room)
  ) STRICT, WITHOUT ROWID;

  -- A row in a file that is a copy, until a server opens it.
  CREATE TABLE copied (at INTEGER NOT NULL) STRICT;
`

/** The addresses from which accounts have signed in. */
const ADDRESSES = `
  CREATE TABLE address (
    user TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    address TEXT NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (user, address)
  ) STRICT, WITHOUT ROWID;
`

const REMOVED_ROOMS = `
  -- 1: the room was removed, and its name given up, but its entries have not all been deleted yet.
  ALTER TABLE room ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
`

/** From this version on, phrases can be found, and words are split differently. */
const PHRASES = `
  DROP TABLE search;
  CREATE VIRTUAL TABLE search USING fts5 (
    room, body, content = '', contentless_delete = 1, detail = full, prefix = '2 3', tokenize = 'ascii'
  );
`

const NICKS = `
  -- When it was made; of a guest, when a session was last closed.
  ALTER TABLE account RENAME COLUMN created TO idle_since;

  -- Nicks that are had, and those that rest until a time. 'look' is the same for those that can be taken for each other.
  CREATE TABLE nick (
    key TEXT PRIMARY KEY,
    look TEXT NOT NULL,
    user TEXT NOT NULL,
    until INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER nick_of_account AFTER DELETE ON account BEGIN
    DELETE FROM nick WHERE user = old.id AND until IS NULL;
  END;
  CREATE INDEX nick_by_look ON nick (look);
  CREATE INDEX nick_by_user ON nick (user);
  CREATE INDEX nick_by_end ON nick (until) WHERE until IS NOT NULL;
`

const ADMINS = `
  ALTER TABLE account ADD COLUMN admin INTEGER NOT NULL DEFAULT 0;

  -- What other programs tell the server of the file.
  CREATE TABLE signal (id INTEGER PRIMARY KEY, room TEXT NOT NULL, event TEXT NOT NULL) STRICT;
`

const ADDRESS_BANS = `
  -- One row: what hashes of addresses are salted with.
  CREATE TABLE salt (value TEXT NOT NULL) STRICT;
  INSERT INTO salt (value) VALUES (hex(randomblob(16)));

  CREATE TABLE address_ban (
    room TEXT NOT NULL,
    address TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (room, address)
  ) STRICT, WITHOUT ROWID;
`

/** A step from one version of a file to the next. */
type Migration = (database: DatabaseSync) => void

const run =
  (statements: string): Migration =>
  database =>
    database.exec(statements)

/** A file's version is how many of them it has seen. */
const MIGRATIONS: readonly Migration[] = [
  run(FIRST),
  run(ADDRESSES),
  run(REMOVED_ROOMS),
  database => {
    database.exec(PHRASES)
    fillIndex(database)
  },
  database => {
    database.exec(NICKS)
    fillNames(database)
  },
  run(ADMINS),
  run(ADDRESS_BANS),
]

/** Throws where a file is not ours, or not of this version. */
export function checkVersion(database: DatabaseSync): void {
  if (readVersion(database) < MIGRATIONS.length)
    throw new Error('it was written by an earlier version of the chat: start the chat with it once')
}

/** The version of a file. Throws where it is not ours, or of a later version. */
function readVersion(database: DatabaseSync): number {
  const version = readNumber(database, 'PRAGMA user_version')
  if (readNumber(database, 'PRAGMA application_id') !== APPLICATION_ID)
    throw new Error('it is the database of another program')
  if (version > MIGRATIONS.length)
    throw new Error(`its version is ${version}, and this program knows versions up to ${MIGRATIONS.length}`)
  return version
}

/** Brings a file to this version. Throws where it is not ours, or of a later version. */
export function migrate(database: DatabaseSync): void {
  const isNew = readNumber(database, 'SELECT count(*) FROM sqlite_schema') === 0
  const version = isNew ? 0 : readVersion(database)
  if (version === MIGRATIONS.length) return
  // On an error the caller closes the file, which undoes it all.
  database.exec('BEGIN IMMEDIATE')
  for (const change of MIGRATIONS.slice(version)) change(database)
  database.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${MIGRATIONS.length};
    COMMIT;
  `)
}

function readNumber(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0])
}
