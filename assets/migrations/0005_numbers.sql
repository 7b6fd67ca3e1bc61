-- Version 5: events, deliveries and attempts are numbered by the journal's change number. It grows with each of them, is
-- read and written by every transaction anyway, and so is never given twice, whatever retention removes; to have SQLite
-- remember the same (AUTOINCREMENT) cost a look-up and a write for every row.
--
-- Not additive: a program that leaves the numbering to SQLite would give numbers that are taken. Hence there is no version 4
-- (see journal/open.rs).

-- `events`: events accepted, ever.
INSERT INTO meta SELECT 'events', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);
-- What was ever given in any table is not given again.
UPDATE meta SET value = max(value, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence)) WHERE key = 'change';
DELETE FROM sqlite_sequence WHERE name IN ('events', 'deliveries', 'attempts');

-- The rows stay where they are: nothing but the declaration differs. Copying the tables would take as long as the journal
-- is large, and as much disk again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY AUTOINCREMENT', 'PRIMARY KEY')
    WHERE type = 'table' AND name IN ('events', 'deliveries', 'attempts');
PRAGMA writable_schema = RESET;
-- Tells every other connection to read the declarations anew.
CREATE TABLE passing (it);
DROP TABLE passing;
