package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

const (
	importRows   = 256 // of one INSERT; times 14 columns far below what either database can bind
	importValues = 500 // of one IN
	// maxConflicts is how many conflicts one error names.
	maxConflicts = 50
)

// importPlan is everything that one import will do.
type importPlan struct {
	tables []importTable
	fields []models.FieldError // conflicts
	tell   []func(done, total int)
	done   int
}

// importTable is the part of a plan about one table.
type importTable interface {
	plan(ctx context.Context, tx *Store, planned *importPlan) error
	write(ctx context.Context, tx *Store, planned *importPlan) error
	count() ImportCount
}

// plan compares the description with the database; it writes nothing.
func (s *Store) plan(ctx context.Context, description models.Description, now time.Time) (*importPlan, error) {
	planned := &importPlan{tables: s.importTables(description, now)}
	for _, table := range planned.tables {
		if err := table.plan(ctx, s, planned); err != nil {
			return nil, err
		}
	}
	if len(planned.fields) > 0 {
		return nil, models.Fail(models.CodeAlreadyExists).WithFields(planned.fields...)
	}
	return planned, nil
}

func (p *importPlan) write(ctx context.Context, tx *Store) error {
	for _, table := range p.tables {
		if err := table.write(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func (p *importPlan) report() ImportReport {
	report := ImportReport{}
	for _, table := range p.tables {
		report.Counts = append(report.Counts, table.count())
	}
	return report
}

// conflict notes that a described thing cannot have a value because another has it. Who that
// is can be looked up by the id; the value itself may be somebody's phone.
func (p *importPlan) conflict(kind, key, column string, owner models.ID) {
	if len(p.fields) < maxConflicts {
		p.fields = append(p.fields, models.FieldError{
			Field: fmt.Sprintf("%s[%s].%s", kind, key, column), Code: models.FieldNotUnique,
			Want: fmt.Sprintf("not what %s has, which is not of this file", owner),
		})
	}
}

// wrote tells of progress.
func (p *importPlan) wrote(rows int) {
	p.done += rows
	total := 0
	for _, table := range p.tables {
		count := table.count()
		total += count.Added + count.Updated + count.Ended
	}
	for _, tell := range p.tell {
		tell(p.done, total)
	}
}

// described is the part of an import about rows of one type.
type described[T any] struct {
	kind    string
	keys    map[models.ID]string
	wanted  []T
	scope   string // the column with the station's id
	station models.ID
	id      func(*T) models.ID
	columns []string // what an update writes: no other column is touched

	// merge takes into want what the file does not say of it, and tells whether anything differs.
	merge func(want, have *T) (bool, error)
	// name is what no other row may have, and column where it stands; nil when nothing is unique.
	name   func(*T) string
	column string
	// freeing is written first to rows that get another name, so that two can change theirs with
	// each other; by default the name becomes the id.
	freeing map[string]any
	// prepare, if set, comes after the comparison, and finish after the rows are written.
	prepare func(ctx context.Context, tx *Store, planned *importPlan, d *described[T]) error
	finish  func(ctx context.Context, tx *Store, d *described[T]) error
	// gone says of a stored row that is not described whether it ends; ending is what is then written.
	gone   func(have *T) bool
	ending map[string]any

	added, updated []T
	renamed, ended []models.ID
	unchanged      int
}

func (d *described[T]) count() ImportCount {
	return ImportCount{
		Kind: d.kind, Added: len(d.added), Updated: len(d.updated), Unchanged: d.unchanged, Ended: len(d.ended),
	}
}

func (d *described[T]) plan(ctx context.Context, tx *Store, planned *importPlan) error {
	stored := []T{}
	if err := tx.read(ctx).Where(d.scope+" = ?", d.station).Find(&stored).Error; err != nil {
		return translate(err)
	}
	have := make(map[models.ID]*T, len(stored))
	owners := map[string]models.ID{}
	for at := range stored {
		have[d.id(&stored[at])] = &stored[at]
		if d.name != nil {
			owners[d.name(&stored[at])] = d.id(&stored[at])
		}
	}
	ours := make(map[models.ID]bool, len(d.wanted))
	for at := range d.wanted {
		ours[d.id(&d.wanted[at])] = true
	}
	for at := range d.wanted {
		want := &d.wanted[at]
		if err := d.compare(want, have[d.id(want)]); err != nil {
			return err
		}
		if d.name == nil {
			continue
		}
		if owner := owners[d.name(want)]; owner != "" && !ours[owner] {
			planned.conflict(d.kind, d.keys[d.id(want)], d.column, owner)
		}
	}
	for at := range stored {
		if id := d.id(&stored[at]); d.gone != nil && !ours[id] && d.gone(&stored[at]) {
			d.ended = append(d.ended, id)
		}
	}
	if d.prepare == nil {
		return nil
	}
	return d.prepare(ctx, tx, planned, d)
}

// compare sorts one described row into what is added, updated or unchanged.
func (d *described[T]) compare(want, have *T) error {
	if have == nil {
		d.added = append(d.added, *want)
		return nil
	}
	before := ""
	if d.name != nil {
		before = d.name(have)
	}
	changed, err := d.merge(want, have)
	switch {
	case err != nil:
		return err
	case !changed:
		d.unchanged++
		return nil
	}
	d.updated = append(d.updated, *want)
	if d.name != nil && d.name(want) != before {
		d.renamed = append(d.renamed, d.id(want))
	}
	return nil
}

func (d *described[T]) write(ctx context.Context, tx *Store, planned *importPlan) error {
	if err := d.free(ctx, tx); err != nil {
		return err
	}
	for at := range d.updated {
		row := &d.updated[at]
		done := tx.write(ctx).Model(new(T)).Where("id = ?", d.id(row)).Select(d.columns).Updates(row)
		if done.Error != nil {
			return translate(done.Error)
		}
		if at%importRows == importRows-1 || at == len(d.updated)-1 {
			planned.wrote(at%importRows + 1)
		}
	}
	err := inParts(d.added, importRows, func(part []T) error {
		defer planned.wrote(len(part))
		return tx.write(ctx).Create(&part).Error
	})
	if err != nil {
		return err
	}
	err = inParts(d.ended, importValues, func(part []models.ID) error {
		defer planned.wrote(len(part))
		return tx.write(ctx).Model(new(T)).Where("id IN ?", part).Updates(d.ending).Error
	})
	if err != nil || d.finish == nil {
		return err
	}
	return d.finish(ctx, tx, d)
}

// free takes the old names away from the rows that get others.
func (d *described[T]) free(ctx context.Context, tx *Store) error {
	values := d.freeing
	if values == nil {
		values = map[string]any{d.column: gorm.Expr("id")}
	}
	return inParts(d.renamed, importValues, func(part []models.ID) error {
		return tx.write(ctx).Model(new(T)).Where("id IN ?", part).Updates(values).Error
	})
}

// inParts does something with a list, so many items at a time.
func inParts[T any](list []T, most int, do func(part []T) error) error {
	for len(list) > 0 {
		part := list[:min(len(list), most)]
		if err := do(part); err != nil {
			return translate(err)
		}
		list = list[len(part):]
	}
	return nil
}
