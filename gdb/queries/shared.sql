-- the objects with most referrers
SELECT object, type, referrers, repr(object) AS repr FROM objects ORDER BY referrers DESC LIMIT 20
