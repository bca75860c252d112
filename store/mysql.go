package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"xunfang/store/internal/dsn"
)

// mysqlFlavour is what the servers that speak MySQL's protocol do differently.
type mysqlFlavour struct {
	timeout  func(time.Duration) map[string]string // ends a statement on the server
	readOnly map[string]string                     // refuses writes of a session
	dialect  goose.Dialect
	skips    bool // has SKIP LOCKED, and means it: TiDB parses it and takes no lock
}

func flavourOf(version string) mysqlFlavour {
	milliseconds := func(limit time.Duration) map[string]string {
		return map[string]string{"max_execution_time": fmt.Sprint(limit.Milliseconds())}
	}
	switch {
	case strings.Contains(version, "MariaDB"):
		return mysqlFlavour{
			timeout: func(limit time.Duration) map[string]string {
				return map[string]string{"max_statement_time": fmt.Sprintf("%.3f", limit.Seconds())}
			},
			readOnly: map[string]string{"tx_read_only": "1"},
			dialect:  goose.DialectMySQL,
			skips:    atLeast(strings.TrimPrefix(version, "5.5.5-"), 10, 6),
		}
	case strings.Contains(version, "TiDB"):
		return mysqlFlavour{timeout: milliseconds, dialect: goose.DialectTiDB}
	default:
		return mysqlFlavour{
			timeout: milliseconds, readOnly: map[string]string{"transaction_read_only": "1"}, dialect: goose.DialectMySQL,
			skips: atLeast(version, 8, 0),
		}
	}
}

// atLeast compares the first two numbers of a version; false for what is none.
func atLeast(version string, major, minor int) bool {
	var first, second int
	if _, err := fmt.Sscanf(version, "%d.%d", &first, &second); err != nil {
		return false
	}
	return first > major || first == major && second >= minor
}

// openMySQL opens a pool of committing connections and a pool that only reads.
func openMySQL(ctx context.Context, config Config) (engine, error) {
	settings, err := dsn.MySQL(config.DSN)
	if err != nil {
		return engine{}, err
	}
	force(settings, config)
	version, err := mysqlVersion(ctx, settings)
	if err != nil {
		return engine{}, err
	}
	flavour := flavourOf(version)
	limited := settings.Clone()
	maps.Copy(limited.Params, flavour.timeout(config.StatementTimeout))
	// Where the server cannot end a statement, an unanswered one still ends.
	limited.ReadTimeout = config.StatementTimeout + config.LockTimeout
	writers, err := mysqlPool(limited)
	if err != nil {
		return engine{}, err
	}
	writers.SetMaxOpenConns(config.Committers)
	reading := limited.Clone()
	maps.Copy(reading.Params, flavour.readOnly)
	readers, err := mysqlPool(reading)
	if err != nil {
		return engine{}, errors.Join(err, writers.Close())
	}
	readers.SetMaxOpenConns(config.MaxReaders)
	readers.SetMaxIdleConns(config.MaxReaders)
	readers.SetConnMaxLifetime(time.Hour)
	return engine{
		kind: kindMySQL, readers: readers, writers: writers, skipsLocked: flavour.skips,
		dialect: func(pool gorm.ConnPool) gorm.Dialector {
			return dialect{gormmysql.New(gormmysql.Config{Conn: pool, DSNConfig: limited})}
		},
		// With autocommit off a transaction begins with its first statement: one round trip less.
		prepare:    []string{"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET autocommit = 0"},
		openSchema: func() (*sql.DB, error) { return mysqlPool(settings) },
		provider: func(pool *sql.DB) (migrator, error) {
			locker, err := lock.NewMySQLTableLocker(lock.WithTableLockTimeout(250*time.Millisecond, 1200))
			if err != nil {
				return nil, fmt.Errorf("store: migrations' lock: %w", err)
			}
			return newProvider(flavour.dialect, pool, "migrations/mysql", goose.WithLocker(locker))
		},
	}, nil
}

// force sets what the store depends on, whatever the DSN says.
func force(settings *mysql.Config, config Config) {
	settings.ParseTime = true
	settings.Loc = time.UTC
	settings.ClientFoundRows = true   // without it an update that changes nothing counts no row, and compare-and-set lies
	settings.InterpolateParams = true // statements that are not kept prepared take one round trip
	settings.MultiStatements = false
	settings.AllowAllFiles = false
	settings.Collation = "utf8mb4_bin"
	settings.Logger = &mysql.NopLogger{} // what it would print comes back as an error too
	if settings.Timeout == 0 {
		settings.Timeout = 5 * time.Second
	}
	if settings.WriteTimeout == 0 {
		settings.WriteTimeout = 10 * time.Second
	}
	if settings.Params == nil {
		settings.Params = map[string]string{}
	}
	maps.Copy(settings.Params, map[string]string{
		"time_zone":                "'+00:00'",
		"innodb_lock_wait_timeout": fmt.Sprint(max(1, int(config.LockTimeout.Seconds()))),
		"sql_mode":                 "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'",
	})
}

func mysqlPool(settings *mysql.Config) (*sql.DB, error) {
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, errors.New("mysql: these settings do not go together")
	}
	return sql.OpenDB(connector), nil
}

func mysqlVersion(ctx context.Context, settings *mysql.Config) (string, error) {
	pool, err := mysqlPool(settings)
	if err != nil {
		return "", err
	}
	var version string
	if err := pool.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return "", errors.Join(fmt.Errorf("mysql: %w", err), pool.Close())
	}
	return version, pool.Close()
}
