package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"regexp"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"

	"xunfang/models"
)

// retryAfter is what a caller is told when the database is busy.
const retryAfter = time.Second

// translate turns what the database says into what callers can act on: a missing row is
// CodeNotFound, a key that exists CodeAlreadyExists, a lost transaction or a time-out CodeBusy.
// What is ours already stays as it is; everything else is internal.
func translate(err error) error {
	var ours *models.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return models.Fail(models.CodeNotFound)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return models.Fail(models.CodeAlreadyExists).Because(err)
	case lostTransaction(err), timedOut(err):
		return busy(err)
	default:
		return fmt.Errorf("store: %w", err)
	}
}

func busy(cause error) error {
	return models.Fail(models.CodeBusy).Because(cause).After(retryAfter)
}

// dialect adds one translation of errors for both databases. The one of GORM's SQLite
// driver knows another library's errors, and MySQL's message repeats the row's values.
type dialect struct{ gorm.Dialector }

// duplicateKey names the key that exists, and no value.
type duplicateKey struct{ key string }

func (d duplicateKey) Error() string { return "duplicate key " + d.key }
func (d duplicateKey) Unwrap() error { return gorm.ErrDuplicatedKey }

var (
	mysqlKey  = regexp.MustCompile(`for key '([^']*)'$`)
	sqliteKey = regexp.MustCompile(`constraint failed: ([\w., ]+) \(\d+\)$`)
)

// Translate implements gorm.ErrorTranslator.
func (dialect) Translate(err error) error {
	if number, ok := mysqlNumber(err); ok {
		switch number {
		case 1062, 1586: // ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME
			return duplicateKey{lastGroup(mysqlKey, err)}
		case 1451, 1452: // ER_ROW_IS_REFERENCED_2, ER_NO_REFERENCED_ROW_2
			return fmt.Errorf("%w (%d)", gorm.ErrForeignKeyViolated, number)
		}
	}
	switch sqliteCode(err) {
	case 1555, 2067, 2579: // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
		return duplicateKey{lastGroup(sqliteKey, err)}
	case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
		return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
	}
	return err
}

func lastGroup(pattern *regexp.Regexp, err error) string {
	if found := pattern.FindStringSubmatch(err.Error()); found != nil {
		return found[1]
	}
	return "?"
}

// mysqlNumber is the server's error number.
func mysqlNumber(err error) (uint16, bool) {
	var ours *mysql.MySQLError
	if errors.As(err, &ours) {
		return ours.Number, true
	}
	return 0, false
}

// sqliteCode is SQLite's extended result code; 0 when the error is not SQLite's.
func sqliteCode(err error) int {
	var ours *sqlite.Error
	if errors.As(err, &ours) {
		return ours.Code()
	}
	return 0
}

// lostTransaction says whether, after this error, the open transaction is gone or cannot be
// trusted to hold what was written in it, so that it has to be rolled back and run again.
func lostTransaction(err error) bool {
	if err == nil {
		return false
	}
	if number, ok := mysqlNumber(err); ok {
		switch number {
		case 1213, 1205, 1020, // deadlock, lock wait, record has changed
			1180, 3101, 1047, // error during commit, rolled back by the cluster, node not ready
			1053, 1927, 1317: // shutdown, connection killed, interrupted
			return true
		}
		return false
	}
	switch sqliteCode(err) & 0xff {
	case 5, 6, 7, 9, 10, 11, 13, 15: // BUSY LOCKED NOMEM INTERRUPT IOERR CORRUPT FULL PROTOCOL may all roll back
		return true
	}
	return deadConnection(err)
}

// deadConnection says whether the connection itself is of no more use.
func deadConnection(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, mysql.ErrBusyBuffer) || errors.Is(err, mysql.ErrMalformPkt) || errors.Is(err, mysql.ErrPktSync) ||
		errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded)
}

// timedOut says whether the server ended the statement because it took too long.
func timedOut(err error) bool {
	number, _ := mysqlNumber(err)
	return number == 1969 || number == 3024 // MariaDB, MySQL
}
