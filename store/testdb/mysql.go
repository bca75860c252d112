package testdb

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"xunfang/store/internal/dsn"
)

// EmptyMySQL creates a database with a random name on the server of EnvMySQL, which must be
// set, and gives its DSN. The database is dropped at the end.
func EmptyMySQL(t testing.TB) string {
	t.Helper()
	settings, err := dsn.MySQL(os.Getenv(EnvMySQL))
	if err != nil {
		t.Fatal(err)
	}
	name := "xunfang_test_" + strings.ToLower(rand.Text()[:16])
	settings.DBName = ""
	execute(t, settings, fmt.Sprintf("CREATE DATABASE `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", name))
	t.Cleanup(func() { execute(t, settings, fmt.Sprintf("DROP DATABASE `%s`", name)) })
	own := settings.Clone()
	own.DBName = name
	return own.FormatDSN()
}

func execute(t testing.TB, settings *mysql.Config, statement string) {
	t.Helper()
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		t.Fatal(err)
	}
	server := sql.OpenDB(connector)
	if _, err := server.Exec(statement); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
