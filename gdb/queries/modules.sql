-- classes by the module that defines them
SELECT module, count(*) AS types, sum(count) AS objects, sum(bytes) AS bytes FROM types GROUP BY module ORDER BY bytes DESC
