package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slowLogger tells slog about slow statements, without their values; errors go to the caller instead.
type slowLogger struct {
	log   *slog.Logger
	limit time.Duration
}

// LogMode implements logger.Interface; the level is slog's business.
func (l slowLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info, Warn and Error are GORM talking about itself.
func (l slowLogger) Info(context.Context, string, ...any) {}

// Warn passes the words without their arguments, which may be values.
func (l slowLogger) Warn(ctx context.Context, text string, _ ...any) {
	l.log.WarnContext(ctx, "gorm", slog.String("text", text))
}

// Error passes the words without their arguments, which may be values.
func (l slowLogger) Error(ctx context.Context, text string, _ ...any) {
	l.log.ErrorContext(ctx, "gorm", slog.String("text", text))
}

// Trace is called after each statement.
func (l slowLogger) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), _ error) {
	took := time.Since(begin) //nolint:forbidigo // begin is GORM's own clock
	if took < l.limit {
		return
	}
	text, rows := statement()
	l.log.WarnContext(ctx, "slow statement", slog.String("sql", text), slog.Int64("rows", rows), slog.Duration("took", took))
}

// ParamsFilter keeps values out of what Trace is given.
func (l slowLogger) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}
