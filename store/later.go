package store

import (
	"cmp"
	"math/bits"
	"slices"

	"gorm.io/gorm"
)

// bufferedRow is a row that waits for the end of the group, to go with all the others
// of its table in one INSERT. Its type must be a struct with GORM's columns.
type bufferedRow interface{ TableName() string }

// ranked orders the tables of a flush: a table comes after those it refers to. Without
// it a table has rank 0; tables of one rank go by name.
type ranked interface{ flushRank() int }

// The audit comes last, so that its rows stand behind what they tell of.
const (
	rankAudit   = 90
	rankReasons = 91
)

// joiner is a row that is joined with others of its table before they are written.
type joiner[T bufferedRow] interface{ join(rows []T) []T }

// maxFlushRows is how many rows go in one INSERT: far below what either database can bind.
const maxFlushRows = 128

// later buffers a row until just before the commit. Until then no query sees it, neither
// fn's own nor another's of the group. If its key exists, the caller's Atomically returns
// CodeAlreadyExists, and the others of the group are run again without it; so look for a
// repeat first, and leave to the key only what comes at the same moment.
// It panics outside a running transaction, where the row would silently be lost.
func later[T bufferedRow](tx *Store, row T) {
	if tx.tx == nil {
		panic(errOutside)
	}
	if tx.tx.over.Load() {
		panic(errOver)
	}
	buffer := tx.tx.buffer
	for _, kind := range buffer.kinds {
		if rows, ok := kind.(*bufferedRows[T]); ok {
			rows.list = append(rows.list, row)
			return
		}
	}
	buffer.kinds = append(buffer.kinds, &bufferedRows[T]{list: []T{row}})
	slices.SortFunc(buffer.kinds, func(a, b bufferedKind) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.table(), b.table()))
	})
}

// laterBuffer holds the buffered rows of one group, table by table in the order of insertion.
type laterBuffer struct{ kinds []bufferedKind }

type bufferedKind interface {
	rank() int
	table() string
	mark()
	cut()
	reset()
	flush(db *gorm.DB) error
}

// mark remembers where a function's rows begin.
func (b *laterBuffer) mark() {
	for _, kind := range b.kinds {
		kind.mark()
	}
}

// cut drops the rows since mark.
func (b *laterBuffer) cut() {
	for _, kind := range b.kinds {
		kind.cut()
	}
}

func (b *laterBuffer) reset() {
	for _, kind := range b.kinds {
		kind.reset()
	}
}

// flush inserts everything.
func (b *laterBuffer) flush(db *gorm.DB) error {
	for _, kind := range b.kinds {
		if err := kind.flush(db); err != nil {
			return err
		}
	}
	return nil
}

type bufferedRows[T bufferedRow] struct {
	list []T
	kept int // rows of the functions before
}

func (r *bufferedRows[T]) table() string { var row T; return row.TableName() }

func (r *bufferedRows[T]) rank() int {
	var row T
	if ranked, ok := any(row).(ranked); ok {
		return ranked.flushRank()
	}
	return 0
}

func (r *bufferedRows[T]) mark() { r.kept = len(r.list) }

func (r *bufferedRows[T]) cut() {
	clear(r.list[r.kept:])
	r.list = r.list[:r.kept]
}

func (r *bufferedRows[T]) reset() {
	r.kept = 0
	r.cut()
}

func (r *bufferedRows[T]) flush(db *gorm.DB) error {
	var row T
	if _, ordered := any(row).(replacer); ordered {
		slices.SortStableFunc(r.list, func(left, right T) int {
			return any(left).(replacer).compareKey(right) //nolint:forcetypeassert // every T is one, as row is
		})
	}
	rows := r.list
	if one, joins := any(row).(joiner[T]); joins {
		rows = one.join(rows)
	}
	for rest := rows; len(rest) > 0; {
		part := rest[:chunk(len(rest), db.Name())]
		if err := insert(db, part); err != nil {
			return err
		}
		rest = rest[len(part):]
	}
	return nil
}

// chunk is how many of the rows go in the next INSERT. On SQLite, where a statement costs no
// round trip, powers of two keep the number of prepared statements small.
func chunk(rows int, kind string) int {
	if kind == kindMySQL {
		return min(rows, maxFlushRows)
	}
	return min(1<<(bits.Len(uint(rows))-1), maxFlushRows)
}
