package doors

import (
	"context"
	"log/slog"
)

// quiet passes the broker library's lines on at debug level and without packets: what happened
// to a client is the gate's to log, and a packet can hold a password.
type quiet struct{ next slog.Handler }

// Enabled asks for debug, whatever the library calls its line.
func (q quiet) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.next.Enabled(ctx, slog.LevelDebug)
}

// Handle copies the line without its packets.
func (q quiet) Handle(ctx context.Context, record slog.Record) error {
	line := slog.NewRecord(record.Time, slog.LevelDebug, "mqtt: "+record.Message, record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key != "pk" && attr.Key != "packet" {
			line.AddAttrs(attr)
		}
		return true
	})
	return q.next.Handle(ctx, line)
}

// WithAttrs keeps the wrapper.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.next.WithAttrs(attrs)} }

// WithGroup keeps the wrapper.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.next.WithGroup(name)} }
