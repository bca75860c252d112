package store

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// insert writes rows of one table in one INSERT. Everything that is done often goes through here,
// and GORM's own Create would build the statement anew each time, column by column and row by row.
// It writes every column as it stands in the row: no defaults, no hooks, no times of GORM's own.
func insert[T bufferedRow](db *gorm.DB, rows []T) error {
	statement := &gorm.Statement{DB: db}
	if err := statement.Parse(&rows[0]); err != nil { // cached by type
		return err
	}
	ctx, fields := context.Background(), statement.Schema.DBNames
	text := strings.Builder{}
	text.WriteString("INSERT INTO " + statement.Schema.Table + " (" + strings.Join(fields, ",") + ") VALUES ")
	row := "(?" + strings.Repeat(",?", len(fields)-1) + ")"
	arguments := make([]any, 0, len(fields)*len(rows))
	for at := range rows {
		if at > 0 {
			text.WriteByte(',')
		}
		text.WriteString(row)
		value := reflect.ValueOf(&rows[at]).Elem()
		for _, name := range fields {
			argument, _ := statement.Schema.FieldsByDBName[name].ValueOf(ctx, value)
			arguments = append(arguments, argument)
		}
	}
	text.WriteString(replacing(rows[0], fields, db.Name()))
	_, err := db.Statement.ConnPool.ExecContext(ctx, text.String(), arguments...)
	if translator, ok := db.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		err = translator.Translate(err)
	}
	return err
}

// replacer is a row that may meet one of the same key: then the one of the smaller rank is kept. The field of the rank
// must be the struct's last: MySQL sets columns one after another, and each is compared with the rank that still stands.
type replacer interface {
	replaces() (key []string, rank string)
	compareKey(other any) int // rows are written in its order, so that two transactions do not wait for each other in a ring
}

// replacing is the end of an INSERT of replacers; "" for other rows.
func replacing(row any, fields []string, kind string) string {
	one, ok := row.(replacer)
	if !ok {
		return ""
	}
	key, rank := one.replaces()
	text := strings.Builder{}
	if kind == kindMySQL {
		text.WriteString(" ON DUPLICATE KEY UPDATE ")
	} else {
		text.WriteString(" ON CONFLICT (" + strings.Join(key, ",") + ") DO UPDATE SET ")
	}
	joint := ""
	for _, field := range fields {
		if slices.Contains(key, field) {
			continue
		}
		if kind == kindMySQL {
			text.WriteString(joint + field + "=IF(VALUES(" + rank + ")<" + rank + ",VALUES(" + field + ")," + field + ")")
		} else {
			text.WriteString(joint + field + "=excluded." + field)
		}
		joint = ","
	}
	if kind != kindMySQL {
		text.WriteString(" WHERE excluded." + rank + "<" + rank)
	}
	return text.String()
}
