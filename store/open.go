package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"xunfang/models"
)

// Config says which database, and how it is used. Only DSN is needed.
type Config struct {
	// DSN is sqlite:/path/file.db, mysql://user:password@host:port/database,
	// or user:password@unix(/path/socket)/database.
	DSN string

	MaxReaders       int           // read connections; default 8 on SQLite, 32 on MySQL
	Committers       int           // connections that commit, on MySQL; default 4. SQLite always has one
	QueueSize        int           // functions that may wait for their turn; default 4096, beyond it: busy
	GroupSize        int           // functions that share one commit at most; default 128
	QueueTimeout     time.Duration // a function waits no longer than this for its turn; default 10 s
	StatementTimeout time.Duration // MySQL ends a statement after this; default 10 s
	LockTimeout      time.Duration // how long a statement waits for somebody else's lock; default 5 s
	SlowStatement    time.Duration // a statement that takes longer is logged without its values; default 200 ms
	Logger           *slog.Logger  // default: nothing is logged

	Texts    bool                        // people can be sent SMS of alerts
	Voice    bool                        // people can be rung at their numbers
	NoCover  bool                        // nothing is queued for the cover: only for measuring what that costs
	NewID    func() models.ID            // makes the ids of rows that nobody else names; default UUIDv7
	AuditMAC func(message []byte) []byte // keyed; needed to record and to verify
	Vault    Vault                       // seals columns; needed for everything but migrations
}

// String names the kind of database only: a DSN holds a password.
func (c Config) String() string { return "store.Config{" + RedactDSN(c.DSN) + "}" }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// RedactDSN is the DSN as it may be printed: a MySQL one without user and password.
func RedactDSN(dsn string) string {
	if strings.HasPrefix(dsn, sqlitePrefix) {
		return dsn
	}
	if at := strings.LastIndexByte(dsn, '@'); at >= 0 {
		host, _, _ := strings.Cut(dsn[at+1:], "?")
		return "mysql://***@" + host
	}
	return "***"
}

func (c Config) withDefaults(kind string) Config {
	readers, committers := 8, 1
	if kind == kindMySQL {
		readers, committers = 32, 4
	}
	c.MaxReaders = orDefault(c.MaxReaders, readers)
	c.Committers = orDefault(c.Committers, committers)
	if kind == kindSQLite {
		c.Committers = 1 // SQLite has one writer; a second would only wait for it
	}
	c.QueueSize = orDefault(c.QueueSize, 4096)
	c.GroupSize = orDefault(c.GroupSize, 128)
	c.QueueTimeout = orDefault(c.QueueTimeout, 10*time.Second)
	c.StatementTimeout = orDefault(c.StatementTimeout, 10*time.Second)
	c.LockTimeout = orDefault(c.LockTimeout, 5*time.Second)
	c.SlowStatement = orDefault(c.SlowStatement, 200*time.Millisecond)
	if c.NewID == nil {
		c.NewID = func() models.ID { return models.ID(uuid.Must(uuid.NewV7()).String()) } //nolint:forbidigo // where none was given
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func orDefault[T int | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

const (
	kindSQLite = "sqlite"
	kindMySQL  = "mysql"
)

// engine is what differs between the databases.
type engine struct {
	kind        string
	dialect     func(pool gorm.ConnPool) gorm.Dialector
	readers     *sql.DB
	writers     *sql.DB
	prepare     []string                        // run on every new committing connection
	begin       string                          // "" where a transaction begins by itself
	skipsLocked bool                            // SELECT … FOR UPDATE SKIP LOCKED does what it says
	nested      bool                            // a savepoint's name may be taken twice, so each must be released
	openSchema  func() (*sql.DB, error)         // a pool for migrations alone
	provider    func(*sql.DB) (migrator, error) // who applies the migrations
}

// Open opens the database; it creates no tables, see Migrate and CheckSchema.
// The error never holds the DSN.
func Open(ctx context.Context, config Config) (*Store, error) {
	kind := kindMySQL
	if strings.HasPrefix(config.DSN, sqlitePrefix) {
		kind = kindSQLite
	}
	config = config.withDefaults(kind)
	open := openMySQL
	if kind == kindSQLite {
		open = openSQLite
	}
	base, err := open(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	pools := []*sql.DB{base.readers, base.writers}
	readers, err := gorm.Open(base.dialect(base.readers), &gorm.Config{
		SkipDefaultTransaction: true, PrepareStmt: true, PrepareStmtMaxSize: maxPrepared, PrepareStmtTTL: time.Hour,
		TranslateError: true, DisableAutomaticPing: true, Logger: slowLogger{config.Logger, config.SlowStatement},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: open: %w", err), closePools(pools))
	}
	if err := watchForLoss(readers); err != nil {
		return nil, errors.Join(err, closePools(pools))
	}
	s := &Store{shared: &shared{
		config: config, engine: base, readers: readers, pools: pools,
		vault: config.Vault, queue: make(chan *job, config.QueueSize), log: config.Logger,
	}}
	for range config.Committers {
		s.serving.Add(1)
		go newCommitter(s.shared).serve()
	}
	return s, nil
}

// Close takes nothing new, finishes what is queued, and closes the database.
// When ctx ends first, it closes at once: what was still queued gets an error.
func (s *Store) Close(ctx context.Context) error {
	if s.tx != nil {
		return errNested
	}
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.closing.Unlock()

	drained := make(chan struct{})
	go func() {
		s.serving.Wait()
		close(drained)
	}()
	var late error
	select {
	case <-drained:
	case <-ctx.Done():
		late = fmt.Errorf("store: closed before the queue was empty: %w", ctx.Err())
	}
	return errors.Join(late, closePools(s.pools))
}

func closePools(pools []*sql.DB) error {
	errs := []error{}
	for _, pool := range pools {
		errs = append(errs, pool.Close())
	}
	return errors.Join(errs...)
}
