# SPDX-License-Identifier: BSD-2-Clause
# Tables, indexes, updates, joins and a deletion in a file, in the manner of SQLite's speedtest1.
case $1 in
setup)
    cat >work.sql <<'END'
PRAGMA synchronous = OFF;
CREATE TABLE t1(a INTEGER PRIMARY KEY, b INTEGER, c TEXT);
BEGIN;
INSERT INTO t1 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    SELECT i, (i * 7919) % 3001, 'row number ' || i FROM n;
COMMIT;
CREATE INDEX t1b ON t1(b);
CREATE TABLE t2 AS SELECT b AS k, length(c) AS l FROM t1 WHERE a % 3 = 0;
SELECT count(*), sum(b) FROM t1 WHERE b BETWEEN 500 AND 1500;
SELECT count(*) FROM t1 JOIN t2 ON t1.b = t2.k;
SELECT c FROM t1 ORDER BY c DESC LIMIT 10;
BEGIN;
UPDATE t1 SET b = b + 1 WHERE a % 5 = 0;
UPDATE t1 SET c = c || ' changed' WHERE b > 2000;
COMMIT;
DELETE FROM t1 WHERE b % 7 = 0;
SELECT count(*), max(c) FROM t1;
PRAGMA integrity_check;
END
    ;;
run)
    rm -f work.db
    sqlite3 work.db <work.sql
    ;;
esac
