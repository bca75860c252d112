package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// One statement that changes the schema per file wherever it can be, each written so that it
// can be run again: MySQL commits each by itself, and a file that broke off is begun anew.
//
//go:embed migrations
var migrations embed.FS

// ErrSchemaNewer and ErrSchemaOlder tell why CheckSchema refuses.
var (
	ErrSchemaNewer = errors.New("store: the database's schema is newer than this program knows")
	ErrSchemaOlder = errors.New("store: the database's schema is older than this program needs: run migrate up")
)

// migrator is what the store uses of goose.Provider.
type migrator interface {
	Up(ctx context.Context) ([]*goose.MigrationResult, error)
	ListSources() []*goose.Source
}

func newProvider(dialect goose.Dialect, pool *sql.DB, folder string, more ...goose.ProviderOption) (migrator, error) {
	tree, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	options := append([]goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)),
	}, more...)
	provider, err := goose.NewProvider(dialect, pool, tree, options...)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return provider, nil
}

const unknownStep = "unknown to this program"

// Migration is one numbered step of the schema.
type Migration struct {
	Version int64
	Name    string // file name
	Applied bool
}

// Migrate brings the schema up to what this program knows. Several replicas may call it
// at once: on MySQL a lock lets one after another in. It refuses a newer schema.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.CheckSchema(ctx); !errors.Is(err, ErrSchemaOlder) {
		return err
	}
	return s.withMigrator(func(steps migrator) error {
		applied, err := steps.Up(ctx)
		for _, step := range applied {
			s.log.InfoContext(ctx, "schema changed", slog.Int64("version", step.Source.Version), slog.Duration("took", step.Duration))
		}
		if err != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		return nil
	})
}

// MigrationStatus lists the steps that this program knows, and those that only the database does.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	applied, err := s.appliedVersions(ctx)
	if err != nil {
		return nil, err
	}
	list := []Migration{}
	err = s.withMigrator(func(steps migrator) error {
		for _, source := range steps.ListSources() {
			list = append(list, Migration{Version: source.Version, Name: source.Path, Applied: applied[source.Version]})
			delete(applied, source.Version)
		}
		return nil
	})
	for version := range applied {
		list = append(list, Migration{Version: version, Name: unknownStep, Applied: true})
	}
	return list, err
}

// CheckSchema refuses a schema that is not exactly the one this program was written for.
func (s *Store) CheckSchema(ctx context.Context) error {
	list, err := s.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	var older error
	for _, step := range list {
		switch {
		case step.Name == unknownStep:
			return fmt.Errorf("%w (version %d)", ErrSchemaNewer, step.Version)
		case !step.Applied:
			older = fmt.Errorf("%w (version %d)", ErrSchemaOlder, step.Version)
		}
	}
	return older
}

func (s *Store) withMigrator(use func(migrator) error) error {
	pool, err := s.engine.openSchema()
	if err != nil {
		return err
	}
	steps, err := s.engine.provider(pool)
	if err == nil {
		err = use(steps)
	}
	return errors.Join(err, pool.Close())
}

// appliedVersions reads goose's table without creating it.
func (s *Store) appliedVersions(ctx context.Context) (map[int64]bool, error) {
	applied := map[int64]bool{}
	db := s.read(ctx)
	if !db.Migrator().HasTable(goose.DefaultTablename) {
		return applied, nil
	}
	var versions []int64
	err := db.Table(goose.DefaultTablename).Where("is_applied = ? AND version_id > 0", true).Pluck("version_id", &versions).Error
	for _, version := range versions {
		applied[version] = true
	}
	return applied, translate(err)
}
