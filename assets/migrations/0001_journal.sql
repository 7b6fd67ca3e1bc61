-- The journal, version 1. Times are milliseconds since the Unix epoch. Codes are those of event/state.rs.
-- Migrations are additive: a program one version older or newer must be able to read and write the file.

-- Facts of which there is one each.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;
-- `epoch`: raised each time the dispatcher lock is taken; the lease of what is in flight.
-- `change`: the newest change number given to a delivery (see deliveries.change).
-- `newest_time`: the latest wall-clock time seen, to the minute: a start far past it means that the clock jumped.
-- `relieved`: the event up to which size pressure has taken what it could.
-- `dropped`: deliveries that died by overflow, ever.
INSERT INTO meta VALUES
    ('epoch', 0), ('change', 0), ('dispatcher_pid', 0), ('dispatcher_since', 0), ('newest_time', 0), ('dropped', 0),
    ('relieved', 0);

-- The file as applied, without its secrets. The newest row counts; a few older ones are kept to look back at.
CREATE TABLE revisions (
    number     INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL,
    body       TEXT NOT NULL
);

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    body        TEXT NOT NULL,             -- the event as JSON, after redaction
    digest      BLOB NOT NULL,             -- of the content as it came, to tell `differs`
    stripped    INTEGER NOT NULL DEFAULT 0, -- 1: size pressure took all of the body but id, type and time
    origin      TEXT,                      -- the event this one was made from
    only        TEXT,                      -- `--endpoint`: to that endpoint only
    not_to      TEXT,                      -- an alert never goes to the endpoint it is about
    unrouted    INTEGER NOT NULL DEFAULT 0, -- 1: accepted without any revision; routed when the first is applied
    -- Retention looks at the event when this is old enough, and puts it off when one of its deliveries changed later: so
    -- that the many changes of state need not touch this row.
    kept_from   INTEGER NOT NULL
);
CREATE INDEX events_unrouted ON events (seq) WHERE unrouted = 1;
CREATE INDEX events_kept_from ON events (kept_from);

CREATE TABLE endpoints (
    key                  INTEGER PRIMARY KEY,
    id                   TEXT NOT NULL UNIQUE,
    name                 TEXT NOT NULL,
    host                 TEXT NOT NULL,
    address_hash         BLOB NOT NULL,     -- keyed hash of the URL: a changed one closes the circuit
    position             INTEGER NOT NULL DEFAULT 0, -- order in the file
    state                INTEGER NOT NULL DEFAULT 0,
    disabled_by          TEXT,              -- in words: "410 Gone", "enabled: false in the file"
    missing              TEXT,              -- what the file lacks here: "$SLACK_URL is not set here"
    paused_until         INTEGER,
    paused_by            TEXT,
    circuit              INTEGER NOT NULL DEFAULT 0,
    consecutive_failures INTEGER NOT NULL DEFAULT 0,
    opened_at            INTEGER,
    probe_at             INTEGER,           -- when the next probe may go
    cooldown_ms          INTEGER NOT NULL DEFAULT 0, -- the cooldown in force, doubled by each failed probe
    good_probes          INTEGER NOT NULL DEFAULT 0,
    openings             INTEGER NOT NULL DEFAULT 0, -- how often it opened
    ramp                 INTEGER NOT NULL DEFAULT 0, -- concurrency after closing, doubling from 1; 0: all of it
    circuit_skips        INTEGER NOT NULL DEFAULT 0, -- deliveries held by it, each once per opening
    hold_until           INTEGER,           -- Retry-After
    failing_since        INTEGER,
    last_success_at      INTEGER,
    last_attempt_at      INTEGER,
    last_status          INTEGER,
    last_error           TEXT,
    -- counters, kept in the transaction that changes what they count
    queued               INTEGER NOT NULL DEFAULT 0,
    scheduled            INTEGER NOT NULL DEFAULT 0,
    in_flight            INTEGER NOT NULL DEFAULT 0,
    delivered            INTEGER NOT NULL DEFAULT 0,
    dead                 INTEGER NOT NULL DEFAULT 0,
    cleared              INTEGER NOT NULL DEFAULT 0,
    total_delivered      INTEGER NOT NULL DEFAULT 0, -- ever
    total_dead           INTEGER NOT NULL DEFAULT 0  -- ever
);

CREATE TABLE deliveries (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT, -- journal order
    id           TEXT NOT NULL UNIQUE,
    event        INTEGER NOT NULL REFERENCES events (seq),
    endpoint     INTEGER NOT NULL REFERENCES endpoints (key),
    state        INTEGER NOT NULL,
    position     INTEGER NOT NULL,          -- place in its lane: its first change number, or that of a retry by hand (the tail)
    due_at       INTEGER NOT NULL,          -- 0 while queued: due as soon as its turn comes
    change       INTEGER NOT NULL,          -- grows with every change of state: the order of the Deliveries pane
    created_at   INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    crashes      INTEGER NOT NULL DEFAULT 0, -- in a row
    urgent       INTEGER NOT NULL DEFAULT 0, -- 1: a person asked for this one: goes past circuit and pause once
    tried_at     INTEGER NOT NULL DEFAULT 0, -- when it was last claimed: the probe is the least recently tried
    reason       INTEGER,
    last_status  INTEGER,
    last_error   TEXT,
    last_ms      INTEGER,
    last_outcome INTEGER,
    last_trigger INTEGER,
    retried_at   INTEGER,                   -- last retry by hand
    body_hash    BLOB,                      -- of the newest request body, which is stored again only when it differs
    -- The claim: the lease, and the state to go back to. Due time, tries and reason stand untouched while in flight.
    epoch        INTEGER,
    claimed_as   INTEGER,                   -- the trigger of the attempt in flight
    was_state    INTEGER,
    UNIQUE (event, endpoint)
);
-- The conditions are written with OR so that SQLite sees that `state = 1` implies them.
CREATE INDEX deliveries_lane ON deliveries (endpoint, state, due_at, position) WHERE state = 0 OR state = 1 OR state = 2;
CREATE INDEX deliveries_pending ON deliveries (created_at) WHERE state = 0 OR state = 1 OR state = 2;
CREATE INDEX deliveries_change ON deliveries (change);
CREATE INDEX deliveries_dead ON deliveries (changed_at, seq) WHERE state = 4;
CREATE INDEX deliveries_dead_of ON deliveries (endpoint, state, changed_at, seq) WHERE state = 4 OR state = 5;
CREATE INDEX deliveries_urgent ON deliveries (endpoint, position) WHERE urgent = 1;
CREATE INDEX deliveries_suspect ON deliveries (endpoint) WHERE crashes >= 3;

CREATE TABLE attempts (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery         INTEGER NOT NULL REFERENCES deliveries (seq),
    number           INTEGER NOT NULL,
    started_at       INTEGER NOT NULL,
    trigger          INTEGER NOT NULL,
    outcome          INTEGER NOT NULL,
    status           INTEGER,
    error            TEXT,
    duration_us      INTEGER,
    resolve_us       INTEGER,
    first_byte_us    INTEGER,
    remote           TEXT,                  -- address and port that answered
    request_headers  TEXT,                  -- JSON array of [name, value], signature and secrets masked
    response_headers TEXT,
    response_body    BLOB,                  -- up to 4 KiB
    request_body     BLOB                   -- only where it differs from the attempt before; empty: the event as JSON
);
CREATE INDEX attempts_delivery ON attempts (delivery, number);

-- What the Log pane shows: engine, file changes, every act by hand.
CREATE TABLE log (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    level    INTEGER NOT NULL,              -- 0 info, 1 warning, 2 error
    source   TEXT NOT NULL,                 -- engine | file | circuit | act
    who      TEXT,
    endpoint TEXT,
    text     TEXT NOT NULL
);

-- Orders to the dispatcher: circuits, pauses, attempts asked for by hand. The lock holder applies and deletes them.
CREATE TABLE orders (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    kind     TEXT NOT NULL,                 -- pause | resume | reset | trip | resend
    endpoint INTEGER,
    delivery INTEGER,
    until    INTEGER
);

-- Acts by hand, for undo: per row what was, and the change number it left behind.
CREATE TABLE acts (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,
    kind    TEXT NOT NULL,                  -- retry | clear | restore | cancel | pause | resume | reset | trip | resend | send
    text    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    undone  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX acts_who ON acts (who, seq) WHERE undone = 0;
CREATE TABLE act_rows (
    act          INTEGER NOT NULL,
    target       INTEGER NOT NULL,          -- the delivery's seq; for pause and resume the endpoint's key
    change       INTEGER NOT NULL,          -- the delivery's change number right after the act; undone only where nothing has happened since
    was_tries    INTEGER NOT NULL,
    was_reason   INTEGER,                   -- for pause and resume the endpoint's state; was_changed_at: the pause's end
    was_position INTEGER NOT NULL,
    was_changed_at INTEGER NOT NULL,
    PRIMARY KEY (act, target)
) WITHOUT ROWID;

-- Per minute and endpoint: rates and latencies for sparklines and percentiles.
CREATE TABLE rollups (
    minute    INTEGER NOT NULL,             -- Unix time in ms / 60000
    endpoint  INTEGER NOT NULL,
    accepted  INTEGER NOT NULL DEFAULT 0,   -- deliveries that came in
    delivered INTEGER NOT NULL DEFAULT 0,
    failed    INTEGER NOT NULL DEFAULT 0,   -- attempts that failed
    latencies BLOB,                         -- counts of the buckets of journal/latency.rs
    PRIMARY KEY (minute, endpoint)
) WITHOUT ROWID;
