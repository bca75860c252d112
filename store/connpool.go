package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// maxKeptStatement is the length in bytes beyond which a statement has a long list in it, whose
// length changes: on MySQL it is sent with its values in one round trip instead of being prepared.
const maxKeptStatement = 1000

var errBadConn = driver.ErrBadConn

// The methods of gorm.ConnPool. A function's statements are never cut short by its
// caller's context: that would end the transaction of everybody in the group.

// PrepareContext is not used by GORM while the connection keeps its own prepared statements.
func (c *writeConn) PrepareContext(ctx context.Context, statement string) (*sql.Stmt, error) {
	if err := c.ready(ctx, statement); err != nil {
		return nil, err
	}
	stmt, err := c.conn.PrepareContext(ctx, statement)
	return stmt, c.note(err)
}

// ExecContext runs a statement that returns no rows.
func (c *writeConn) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	if err := c.ready(ctx, statement); err != nil {
		return nil, err
	}
	if c.engine.kind == kindMySQL && len(statement) > maxKeptStatement {
		result, err := c.conn.ExecContext(ctx, statement, args...)
		return result, c.changed(result, err)
	}
	stmt, err := c.prepared(ctx, statement)
	if err != nil {
		return nil, c.note(err)
	}
	result, err := stmt.ExecContext(ctx, args...)
	return result, c.changed(result, err)
}

// changed remembers whether the statement changed anything.
func (c *writeConn) changed(result sql.Result, err error) error {
	if err == nil {
		rows, unknown := result.RowsAffected()
		c.wrote = c.wrote || rows > 0 || unknown != nil
	}
	return c.note(err)
}

// QueryContext runs a statement that returns rows.
func (c *writeConn) QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	if err := c.ready(ctx, statement); err != nil {
		return nil, err
	}
	stmt, err := c.prepared(ctx, statement)
	if err != nil {
		return nil, c.note(err)
	}
	c.wrote = c.wrote || !onlyReads(statement) // INSERT ... RETURNING comes this way
	rows, err := stmt.QueryContext(ctx, args...)
	return rows, c.note(err) // the caller closes them
}

// QueryRowContext runs a statement that returns one row.
func (c *writeConn) QueryRowContext(ctx context.Context, statement string, args ...any) *sql.Row {
	if c.ready(ctx, statement) != nil {
		// A Row cannot be made with an error of ours; one on an ended context carries one.
		ended, end := context.WithCancel(ctx)
		end()
		return c.conn.QueryRowContext(ended, statement)
	}
	stmt, err := c.prepared(ctx, statement)
	if err != nil {
		_ = c.note(err)
		return c.conn.QueryRowContext(ctx, statement, args...)
	}
	c.wrote = c.wrote || !onlyReads(statement)
	row := stmt.QueryRowContext(ctx, args...)
	_ = c.note(row.Err())
	return row
}
