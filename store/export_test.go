package store

import (
	"context"

	"gorm.io/gorm"
)

// What the tests of this package need to see of it; they stand outside, as testdb imports store.

// Note is a row for tests.
type Note struct {
	ID     string `gorm:"primaryKey"`
	Author string
}

// TableName implements GORM's tabler.
func (Note) TableName() string { return "test_notes" }

func (s *Store) Read(ctx context.Context) *gorm.DB  { return s.read(ctx) }
func (s *Store) Write(ctx context.Context) *gorm.DB { return s.write(ctx) }
func (s *Store) Later(note Note)                    { later(s, note) }

// Schema runs statements that change the schema.
func (s *Store) Schema(ctx context.Context, statements ...string) error {
	pool, err := s.engine.openSchema()
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	for _, statement := range statements {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// IsMySQL says which database it is.
func (s *Store) IsMySQL() bool { return s.engine.kind == kindMySQL }

// LostTransaction and Translate for tables of errors.
var (
	LostTransaction = lostTransaction
	Translate       = translate
)

// AuditQuery is the query of ListAudit.
var AuditQuery = auditQuery

// DB is GORM's.
type DB = gorm.DB
