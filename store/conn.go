package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// maxPrepared bounds the prepared statements of one connection.
const maxPrepared = 500

// savepointName is the only savepoint there is: of the function that runs now.
const savepointName = "turn"

var errCannotUndo = errors.New("store: nothing to go back to")

var errNoConnection = errors.New("store: the transaction's connection is gone")

// writeConn is the one connection of a committer, as GORM sees it. It keeps its
// statements prepared, takes the savepoint of a function only before the function's
// first write, and remembers when the transaction is lost. One goroutine uses it at a time.
type writeConn struct {
	engine engine
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	wanted bool  // a savepoint is to be taken before the next write
	taken  bool  // it was taken
	wrote  bool  // the function that runs has changed something
	lost   error // why the open transaction cannot be committed any more
}

// start begins a transaction, on a new connection if there is none.
func (c *writeConn) start(ctx context.Context) error {
	c.lost = nil
	c.turn(false)
	if c.conn == nil {
		if err := c.connect(ctx); err != nil {
			return err
		}
	}
	if c.engine.begin == "" {
		return nil
	}
	if err := c.control(ctx, c.engine.begin); err != nil {
		c.drop()
		return err
	}
	return nil
}

func (c *writeConn) connect(ctx context.Context) error {
	conn, err := c.engine.writers.Conn(ctx)
	if err != nil {
		return err
	}
	for _, statement := range c.engine.prepare {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	c.conn, c.stmts = conn, map[string]*sql.Stmt{}
	return nil
}

// drop gives the connection up; the database rolls back what was open on it.
func (c *writeConn) drop() {
	if c.conn == nil {
		return
	}
	c.forget()
	// A bad connection is closed instead of going back to the pool in the middle of a transaction.
	_ = c.conn.Raw(func(any) error { return errBadConn })
	_ = c.conn.Close()
	c.conn = nil
}

func (c *writeConn) forget() {
	for text, stmt := range c.stmts {
		_ = stmt.Close()
		delete(c.stmts, text)
	}
}

// commit ends the transaction for good.
func (c *writeConn) commit(ctx context.Context) error {
	if c.lost != nil {
		return c.lost
	}
	return c.control(ctx, "COMMIT")
}

// rollback undoes the whole transaction.
func (c *writeConn) rollback(ctx context.Context) {
	if c.conn == nil {
		return
	}
	if c.lost != nil && deadConnection(c.lost) || c.control(ctx, "ROLLBACK") != nil {
		c.drop()
	}
}

// turn tells that the next function begins. With a savepoint, taken before its first write,
// its work can be undone alone.
func (c *writeConn) turn(savepoint bool) { c.wanted, c.taken, c.wrote = savepoint, false, false }

// keep ends the function's turn with its work in the transaction.
func (c *writeConn) keep(ctx context.Context) error {
	if c.taken && c.engine.nested {
		return c.control(ctx, "RELEASE "+savepointName)
	}
	return nil
}

// undo ends the function's turn without its work; errCannotUndo when only a rollback of
// everything would do that.
func (c *writeConn) undo(ctx context.Context) error {
	switch {
	case !c.wrote: // a statement that failed has undone itself
		return c.keep(ctx)
	case !c.taken:
		return errCannotUndo
	}
	if err := c.control(ctx, "ROLLBACK TO "+savepointName); err != nil {
		return err
	}
	return c.keep(ctx)
}

// control runs a statement about the transaction itself.
func (c *writeConn) control(ctx context.Context, statement string) error {
	if c.conn == nil {
		return errNoConnection
	}
	if c.engine.kind == kindSQLite {
		stmt, err := c.prepared(ctx, statement)
		if err != nil {
			return err
		}
		_, err = stmt.ExecContext(ctx)
		return err
	}
	_, err := c.conn.ExecContext(ctx, statement)
	return err
}

// ready is called before every statement of a function.
func (c *writeConn) ready(ctx context.Context, statement string) error {
	if c.lost != nil { // what ran now would be outside the transaction
		return fmt.Errorf("store: the transaction is lost: %w", c.lost)
	}
	if onlyReads(statement) || !c.wanted {
		return nil
	}
	c.wanted = false
	if err := c.control(ctx, "SAVEPOINT "+savepointName); err != nil {
		c.lost = err
		return err
	}
	c.taken = true
	return nil
}

func onlyReads(statement string) bool {
	statement = strings.TrimLeft(statement, " \t\r\n")
	return len(statement) >= 6 && strings.EqualFold(statement[:6], "SELECT")
}

func (c *writeConn) note(err error) error {
	if c.lost == nil && lostTransaction(err) {
		c.lost = err
	}
	return err
}

func (c *writeConn) prepared(ctx context.Context, statement string) (*sql.Stmt, error) {
	if stmt, ok := c.stmts[statement]; ok {
		return stmt, nil
	}
	if len(c.stmts) >= maxPrepared {
		c.forget()
	}
	stmt, err := c.conn.PrepareContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	c.stmts[statement] = stmt
	return stmt, nil
}

// watchForLoss makes GORM tell the connection of errors that come only while rows are read.
func watchForLoss(db *gorm.DB) error {
	tell := func(db *gorm.DB) {
		if conn, ok := db.Statement.ConnPool.(*writeConn); ok && db.Error != nil {
			_ = conn.note(db.Error)
		}
	}
	if err := db.Callback().Query().After("gorm:query").Register("store:loss", tell); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
