-- Version 2: what the bench showed to cost more than it is worth is gone.

-- The oldest waiting delivery of a lane that was never tried stands at the lane's head; only the others need an order of
-- their own by age, and those are few.
DROP INDEX deliveries_pending;
CREATE INDEX deliveries_seen_before ON deliveries (created_at)
    WHERE (state = 0 OR state = 1) AND (tried_at > 0 OR retried_at IS NOT NULL);
