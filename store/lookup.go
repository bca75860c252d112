package store

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"strings"
	"sync"

	"gorm.io/gorm"

	"xunfang/models"
)

// lookups answers whether ids exist. Callers that come while a query runs share the next one: a
// query for each would cost a round trip each, and is nearly always answered with no row.
type lookups struct {
	mutex   sync.Mutex
	waiting []*lookup
	running bool
}

// lookup is one caller's question.
type lookup struct {
	ids    []models.ID
	answer chan lookupAnswer
}

type lookupAnswer struct {
	found bool
	err   error
}

// maxLookup is how many ids go in one query, unless one caller alone asks for more.
const maxLookup = 512

var errLookup = errors.New("store: panic while looking ids up")

// anyOf says whether the table, a name of ours, has a row with one of the ids. The answer is as
// fresh as that of a query begun by the caller. A caller whose ctx ends does not wait for it.
func (l *lookups) anyOf(ctx context.Context, readers *gorm.DB, table string, ids []models.ID) (bool, error) {
	if len(ids) == 0 {
		return false, nil
	}
	mine := &lookup{ids: ids, answer: make(chan lookupAnswer, 1)}
	l.mutex.Lock()
	l.waiting = append(l.waiting, mine)
	if !l.running {
		l.running = true
		go l.run(readers, table)
	}
	l.mutex.Unlock()
	select {
	case got := <-mine.answer:
		return got.found, got.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// run asks for everybody who waits, until nobody does.
func (l *lookups) run(readers *gorm.DB, table string) {
	for {
		runtime.Gosched() // those about to ask come along
		group := l.next()
		if len(group) == 0 {
			return
		}
		found, err := existing(readers, table, group)
		for _, one := range group {
			got := lookupAnswer{err: err}
			for _, id := range one.ids {
				got.found = got.found || found[id]
			}
			one.answer <- got
		}
	}
}

// next takes those whose ids go in the next query; none ends the run.
func (l *lookups) next() []*lookup {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	count, ids := 0, 0
	for count < len(l.waiting) && (count == 0 || ids+len(l.waiting[count].ids) <= maxLookup) {
		ids += len(l.waiting[count].ids)
		count++
	}
	group := l.waiting[:count:count]
	l.waiting = l.waiting[count:]
	l.running = count > 0
	return group
}

// existing finds which of the ids there are. Lists are filled up to a power of two with an id that is
// in them anyway, so that there are few statements to keep prepared. Nobody's ctx is
// used, as the query is many callers'; the databases' own limits end it.
func existing(readers *gorm.DB, table string, group []*lookup) (found map[models.ID]bool, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%w: %v", errLookup, problem)
		}
	}()
	arguments := []any{}
	for _, one := range group {
		for _, id := range one.ids {
			arguments = append(arguments, string(id))
		}
	}
	for wanted := 1 << bits.Len(uint(len(arguments)-1)); len(arguments) < wanted; {
		arguments = append(arguments, arguments[0])
	}
	statement := "SELECT id FROM " + table + " WHERE id IN (?" + strings.Repeat(",?", len(arguments)-1) + ")"
	rows, err := readers.Statement.ConnPool.QueryContext(context.Background(), statement, arguments...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found = map[models.ID]bool{}
	for rows.Next() {
		var id models.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		found[id] = true
	}
	return found, rows.Err()
}
