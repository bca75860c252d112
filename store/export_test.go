package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"xunfang/models"
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

// AuditPlan is how the database would answer a page of ListAudit, a plan for each statement.
func (s *Store) AuditPlan(ctx context.Context, station models.ID, filter models.AuditFilter, before models.ID) ([]string, error) {
	explain := "EXPLAIN QUERY PLAN "
	if s.IsMySQL() {
		explain = "EXPLAIN "
	}
	plans := []string{}
	for _, query := range auditQueries(s.read(ctx).Session(&gorm.Session{DryRun: true}), s.engine.kind, station, filter, before) {
		dry := query.Limit(10).Find(&[]auditRecordRow{}).Statement
		plan := []map[string]any{}
		if err := s.read(ctx).Raw(explain+dry.SQL.String(), dry.Vars...).Scan(&plan).Error; err != nil {
			return nil, err
		}
		plans = append(plans, fmt.Sprint(plan))
	}
	return plans, nil
}
