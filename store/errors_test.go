package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"xunfang/models"
	"xunfang/store"
)

func TestTranslate(t *testing.T) {
	server := func(number uint16) error { return fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: number}) }
	tests := map[string]struct {
		err  error
		code models.Code
		lost bool
	}{
		"nothing":            {nil, "", false},
		"no row, GORM":       {gorm.ErrRecordNotFound, models.CodeNotFound, false},
		"no row, database":   {sql.ErrNoRows, models.CodeNotFound, false},
		"duplicate":          {gorm.ErrDuplicatedKey, models.CodeAlreadyExists, false},
		"ours stays":         {models.Fail(models.CodeWrongState), models.CodeWrongState, false},
		"deadlock":           {server(1213), models.CodeBusy, true},
		"lock wait":          {server(1205), models.CodeBusy, true},
		"killed":             {server(1927), models.CodeBusy, true},
		"statement time-out": {server(1969), models.CodeBusy, false},
		"bad connection":     {driver.ErrBadConn, models.CodeBusy, true},
		"broken connection":  {mysql.ErrInvalidConn, models.CodeBusy, true},
		"syntax":             {server(1064), models.CodeInternal, false},
		"the caller's end":   {context.Canceled, models.CodeInternal, false},
	}
	for name, test := range tests {
		if got := models.CodeOf(store.Translate(test.err)); got != test.code {
			t.Errorf("%s: code %q, want %q", name, got, test.code)
		}
		if got := store.LostTransaction(test.err); got != test.lost {
			t.Errorf("%s: lost %v", name, got)
		}
		if err := store.Translate(test.err); store.LostTransaction(err) != test.lost {
			t.Errorf("%s: translated, it no longer says whether the transaction is lost", name)
		}
	}
}

func TestADuplicateNamesTheKeyAndNoValue(t *testing.T) {
	withNotes(t, nil, func(ctx context.Context, t *testing.T, s *store.Store) {
		twice := func(tx *store.Store) error {
			return errors.Join(add(ctx, tx, "13800000000", "x"), add(ctx, tx, "13800000000", "x"))
		}
		err := s.Atomically(ctx, twice)
		if models.CodeOf(err) != models.CodeAlreadyExists || strings.Contains(err.Error(), "13800000000") {
			t.Errorf("got %v", err)
		}
		key := "test_notes"
		if s.IsMySQL() {
			key = "PRIMARY" // MariaDB does not name the table with it
		}
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the key is not named: %v", err)
		}
		var note store.Note
		err = store.Translate(s.Read(ctx).Where("id = ?", "none").Take(&note).Error)
		if models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("got %v", err)
		}
	})
}
