-- Version 3: dead letters by what they died of. A dead letter stands in one of these two: with the status of the last
-- answer, or with the error where there was none. Errors that come with a status are the receiver's own words and would
-- make as many groups as there are dead letters.
CREATE INDEX deliveries_dead_answered ON deliveries (endpoint, reason, last_status, changed_at)
    WHERE state = 4 AND last_status IS NOT NULL;
CREATE INDEX deliveries_dead_unanswered ON deliveries (endpoint, reason, last_outcome, last_error, changed_at)
    WHERE state = 4 AND last_status IS NULL;
