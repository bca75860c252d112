package store

import (
	"bytes"
	"context"
	"time"

	"xunfang/models"
)

// peopleImport is what the import of people needs beside their rows.
type peopleImport struct {
	*Store
	people    map[models.ID]*models.Person
	passwords map[models.ID]string // of those who had none
	moved     []models.ID          // those who get another phone or account than they have
}

func (s *Store) importPeople(description models.Description, now time.Time) importTable {
	people := &peopleImport{Store: s, people: map[models.ID]*models.Person{}, passwords: map[models.ID]string{}}
	for at := range description.People {
		people.people[description.People[at].ID] = &description.People[at].Person
	}
	return &described[personRow]{
		kind: "people", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id: func(row *personRow) models.ID { return row.ID },
		columns: []string{
			"name_sealed", "phone_sealed", "phone_index", "id_number_sealed", "id_number_index", "account",
		},
		wanted: rowsOf(description.People, func(person models.DescribedPerson) personRow {
			person.CreatedAt = now
			return s.personRow(person.Person)
		}),
		freeing: map[string]any{"phone_index": nil, "account": nil},
		merge:   people.merge, prepare: people.prepare, finish: people.setPasswords,
	}
}

// merge compares what is sealed by what it says: sealing the same twice gives different bytes.
func (p *peopleImport) merge(want, have *personRow) (bool, error) {
	name, err := p.openText(have.NameSealed, "people.name", have.ID)
	if err != nil {
		return false, err
	}
	changed := name != p.people[want.ID].Name
	if !changed {
		want.NameSealed = have.NameSealed
	}
	moved := false
	if len(want.PhoneIndex) == 0 || bytes.Equal(want.PhoneIndex, have.PhoneIndex) {
		want.PhoneSealed, want.PhoneIndex = have.PhoneSealed, have.PhoneIndex
	} else {
		moved = true
	}
	if want.Account == nil || have.Account != nil && *want.Account == *have.Account {
		want.Account = have.Account
	} else {
		moved = true
	}
	if len(want.IDNumberIndex) == 0 || bytes.Equal(want.IDNumberIndex, have.IDNumberIndex) {
		want.IDNumberSealed, want.IDNumberIndex = have.IDNumberSealed, have.IDNumberIndex
	} else {
		changed = true
	}
	if have.PasswordHash == "" && want.PasswordHash != "" {
		p.passwords[want.ID], changed = want.PasswordHash, true
	}
	if moved {
		p.moved = append(p.moved, want.ID)
	}
	return changed || moved, nil
}

// prepare looks for others who have the phones and accounts of the described people, of any
// station, and for described people who keep one that another is given.
func (p *peopleImport) prepare(ctx context.Context, tx *Store, planned *importPlan, d *described[personRow]) error {
	d.renamed = p.moved
	for _, unique := range []struct {
		field, column string
		value         func(*personRow) (any, string)
	}{
		{"phone", "phone_index", func(row *personRow) (any, string) { return row.PhoneIndex, string(row.PhoneIndex) }},
		{"account", "account", func(row *personRow) (any, string) {
			if row.Account == nil {
				return "", ""
			}
			return *row.Account, *row.Account
		}},
	} {
		owners, values := map[string]models.ID{}, []any{}
		for at := range d.wanted {
			row := &d.wanted[at]
			value, text := unique.value(row)
			if text == "" {
				continue
			}
			if other, taken := owners[text]; taken {
				planned.conflict(d.kind, d.keys[row.ID], unique.field, other)
			}
			owners[text] = row.ID
			values = append(values, value)
		}
		err := inParts(values, importValues, func(part []any) error {
			rows := []personRow{}
			query := tx.read(ctx).Select("id", "phone_index", "account").Where(unique.column+" IN ?", part)
			if err := query.Find(&rows).Error; err != nil {
				return err
			}
			for at := range rows {
				_, text := unique.value(&rows[at])
				if p.people[rows[at].ID] == nil {
					planned.conflict(d.kind, d.keys[owners[text]], unique.field, rows[at].ID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// setPasswords gives a password to those who had none.
func (p *peopleImport) setPasswords(ctx context.Context, tx *Store, _ *described[personRow]) error {
	for id, hash := range p.passwords {
		empty := tx.write(ctx).Model(&personRow{}).Where("id = ? AND password_hash = ?", id, "")
		if err := setOnce(empty.Update("password_hash", hash)); err != nil {
			return err
		}
	}
	return nil
}

// importGrants also ends what an earlier import gave and the file no longer gives.
func importGrants(description models.Description, now time.Time) importTable {
	ours, undated, wanted := map[models.ID]bool{}, map[models.ID]bool{}, []grantRow{}
	for _, person := range description.People {
		ours[person.ID] = true
		for _, grant := range person.Grants {
			if grant.StartsAt.IsZero() {
				undated[grant.ID], grant.StartsAt = true, now
			}
			wanted = append(wanted, newGrantRow(grant, now))
		}
	}
	over := func(row *grantRow) bool { return row.EndsAt != 0 && row.EndsAt <= millis(now) }
	return &described[grantRow]{
		kind: "roles", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *grantRow) models.ID { return row.ID },
		columns: []string{"starts_at", "ends_at"},
		wanted:  wanted,
		merge: func(want, have *grantRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			// A role without a beginning begins when it was first given; one that had ended, now.
			if undated[want.ID] && (!over(have) || over(want)) {
				want.StartsAt = have.StartsAt
			}
			return differs(want, have)
		},
		gone:   func(have *grantRow) bool { return have.ID.Described() && ours[have.PersonID] && !over(have) },
		ending: map[string]any{"ends_at": millis(now)},
	}
}
