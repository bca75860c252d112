package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver sqlite
)

const (
	kindSQLite  = "sqlite"
	kindMariaDB = "mariadb"
)

// envServer names the variable with a MySQL or MariaDB server whose user may create databases.
const envServer = "XUNFANG_TEST_MYSQL_DSN"

// database is where the two programs keep their rows: one database each, of the same kind, on
// the same disk or server.
type database struct {
	kind    string
	version string  // for people
	ours    string  // as the product takes it
	bare    string  // where the bare program inserts
	list    string  // the product's database, as the bare program takes it
	raw     *sql.DB // the product's database, for filling it
	apart   *sql.DB // bench_commits, one row with which nobody has anything to do
	drop    func() error
}

func newDatabase(ctx context.Context, kind, folder string) (*database, error) {
	if kind == kindSQLite {
		return newSQLite(ctx, folder)
	}
	return newMariaDB(ctx)
}

func newSQLite(ctx context.Context, folder string) (*database, error) {
	path := filepath.Join(folder, "ours.db")
	raw, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=30000&_journal_mode=WAL")
	if err != nil {
		return nil, err
	}
	raw.SetMaxOpenConns(1)
	made := &database{
		kind: kindSQLite, ours: "sqlite:" + path, list: "sqlite:" + path, bare: "sqlite:" + filepath.Join(folder, "bare.db"),
		raw: raw, drop: func() error { return nil }, // goes with the folder
	}
	if made.apart, err = sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.Join(folder, "apart.db")}).EscapedPath()+
		"?_journal_mode=WAL&_synchronous=FULL"); err != nil {
		return nil, err
	}
	made.apart.SetMaxOpenConns(1)
	made.version, err = versionOf(ctx, raw, "SELECT 'SQLite ' || sqlite_version()")
	return made, errors.Join(err, made.one(ctx))
}

// newMariaDB makes two databases on the server, with random names.
func newMariaDB(ctx context.Context) (*database, error) {
	server, err := url.Parse(os.Getenv(envServer))
	if err != nil || server.Scheme != "mysql" || server.Host == "" {
		return nil, fmt.Errorf("%s must be mysql://USER:PASSWORD@HOST:PORT/", envServer)
	}
	name := "xunfang_bench_" + strings.ToLower(rand.Text()[:12])
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = server.User.Username(), "tcp", server.Host
	config.Passwd, _ = server.User.Password()
	config.MaxAllowedPacket = 16 << 20
	config.Params = map[string]string{"sql_mode": "'STRICT_ALL_TABLES'"}
	admin, err := sql.Open("mysql", config.FormatDSN())
	if err != nil {
		return nil, err
	}
	both := []string{name, name + "_bare"}
	drop := func() error {
		errs := []error{}
		for _, each := range both {
			_, err := admin.Exec("DROP DATABASE IF EXISTS `" + each + "`") //nolint:noctx // also when ctx has ended
			errs = append(errs, err)
		}
		return errors.Join(append(errs, admin.Close())...)
	}
	for _, each := range both {
		if _, err := admin.ExecContext(ctx, "CREATE DATABASE `"+each+"` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
			return nil, errors.Join(err, drop())
		}
	}
	made := &database{kind: kindMariaDB, ours: server.Scheme + "://" + server.User.String() + "@" + server.Host + "/" + name, drop: drop}
	config.DBName = both[1]
	made.bare = config.FormatDSN()
	config.DBName = name
	made.list = config.FormatDSN()
	config.InterpolateParams = true
	if made.raw, err = sql.Open("mysql", config.FormatDSN()); err != nil {
		return nil, errors.Join(err, drop())
	}
	made.apart = made.raw
	made.version, err = versionOf(ctx, made.raw, "SELECT VERSION()")
	return made, errors.Join(err, made.one(ctx))
}

// one makes the row of apart.
func (d *database) one(ctx context.Context) error {
	_, err := d.apart.ExecContext(ctx, "CREATE TABLE bench_commits (done INTEGER NOT NULL)")
	if err == nil {
		_, err = d.apart.ExecContext(ctx, "INSERT INTO bench_commits VALUES (0)")
	}
	return err
}

func versionOf(ctx context.Context, raw *sql.DB, query string) (version string, err error) {
	return version, raw.QueryRowContext(ctx, query).Scan(&version)
}

func (d *database) close() error { return errors.Join(d.apart.Close(), d.raw.Close(), d.drop()) }
