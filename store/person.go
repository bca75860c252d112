package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type personRow struct {
	ID             models.ID `gorm:"primaryKey"`
	StationID      models.ID
	NameSealed     []byte
	PhoneSealed    []byte
	PhoneIndex     []byte
	IDNumberSealed []byte  `gorm:"column:id_number_sealed"`
	IDNumberIndex  []byte  `gorm:"column:id_number_index"`
	Account        *string // NULL, not "", so that it can be unique
	PasswordHash   string
	Demo           bool
	DisabledAt     int64
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
}

func (personRow) TableName() string { return "people" }

// The kinds of blind index.
const (
	indexPhone    = "phone"
	indexIDNumber = "id_number"
	indexPush     = "push_address"
)

// AddPerson writes a new person; CodeAlreadyExists when the phone or the account is taken.
func (s *Store) AddPerson(ctx context.Context, person models.Person) error {
	row := s.personRow(person)
	return translate(s.write(ctx).Create(&row).Error)
}

// UpdatePerson writes all of a person's columns; CodeAlreadyExists when the phone or account is taken.
func (s *Store) UpdatePerson(ctx context.Context, person models.Person) error {
	row := s.personRow(person)
	done := s.write(ctx).Model(&personRow{}).Where("id = ?", person.ID).Select("*").Updates(&row)
	return translate(done.Error)
}

func (s *Store) personRow(person models.Person) personRow {
	row := personRow{
		ID: person.ID, StationID: person.StationID,
		NameSealed:     s.sealText(person.Name, "people.name", person.ID),
		PhoneSealed:    s.sealText(person.Phone, "people.phone", person.ID),
		IDNumberSealed: s.sealText(person.IDNumber, "people.id_number", person.ID),
		PasswordHash:   person.PasswordHash.Reveal(), Demo: person.Demo,
		DisabledAt: millis(person.DisabledAt), CreatedAt: millis(person.CreatedAt),
	}
	if person.Phone != "" {
		row.PhoneIndex = s.vault.BlindIndex(indexPhone, person.Phone.Reveal())
	}
	if person.IDNumber != "" {
		row.IDNumberIndex = s.vault.BlindIndex(indexIDNumber, person.IDNumber.Reveal())
	}
	if person.Account != "" {
		row.Account = &person.Account
	}
	return row
}

// Person reads one person; CodeNotFound when there is none.
func (s *Store) Person(ctx context.Context, id models.ID) (models.Person, error) {
	return s.onePerson(s.read(ctx).Where("id = ?", id))
}

// AccountOpen says whether there is a person whose account is not disabled. It opens nothing that is sealed: a name that
// is spoilt must keep nobody from calling for help.
func (s *Store) AccountOpen(ctx context.Context, id models.ID) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&personRow{}).Where("id = ? AND disabled_at = 0", id).Count(&count).Error
	return count == 1, translate(err)
}

// PersonByAccount finds the holder of an account; CodeNotFound when there is none.
func (s *Store) PersonByAccount(ctx context.Context, account string) (models.Person, error) {
	person, err := s.onePerson(s.read(ctx).Where("account = ?", account))
	if err == nil && person.Account != account { // MySQL compares without trailing spaces
		return models.Person{}, models.Fail(models.CodeNotFound)
	}
	return person, err
}

// PersonByPhone finds the holder of a phone by its blind index; CodeNotFound when there is none.
func (s *Store) PersonByPhone(ctx context.Context, phone models.Secret) (models.Person, error) {
	return s.onePerson(s.read(ctx).Where("phone_index = ?", s.vault.BlindIndex(indexPhone, phone.Reveal())))
}

// PhoneIndex is the blind index of a phone number, for tables that must not hold the number.
func (s *Store) PhoneIndex(phone models.Secret) []byte {
	return s.vault.BlindIndex(indexPhone, phone.Reveal())
}

func (s *Store) onePerson(query *gorm.DB) (models.Person, error) {
	rows := []personRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Person{}, orNotFound(translate(err))
	}
	return s.person(rows[0])
}

// PersonFilter narrows a list of people; empty fields do not.
type PersonFilter struct {
	Role    models.Role // holds the role now
	Phone   models.Secret
	Account string
	Now     time.Time
}

// People lists the people whose accounts are kept by stations within sight, oldest id first.
func (s *Store) People(ctx context.Context, sights []models.Sight, filter PersonFilter, page Page) ([]models.Person, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&personRow{})
		if filter.Phone != "" {
			query = query.Where("phone_index = ?", s.PhoneIndex(filter.Phone))
		}
		if filter.Account != "" {
			query = query.Where("account = ?", filter.Account)
		}
		if filter.Role != "" {
			query = query.Where(`EXISTS (SELECT 1 FROM role_grants WHERE role_grants.person_id = people.id
				AND role = ? AND starts_at <= ? AND (ends_at = 0 OR ends_at > ?))`,
				filter.Role, millis(filter.Now), millis(filter.Now))
		}
		return query
	}
	rows, err := sightPages(ctx, base, sights, columns{order: "id"}, page, func(row personRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	people := make([]models.Person, 0, len(rows))
	for _, row := range rows {
		person, err := s.person(row)
		if err != nil {
			return nil, err
		}
		people = append(people, person)
	}
	return people, nil
}

// HasDemoAccounts says whether the database holds an account or a device made by the demonstration.
func (s *Store) HasDemoAccounts(ctx context.Context) (bool, error) {
	for _, table := range []any{&personRow{}, &deviceRow{}} {
		count := int64(0)
		if err := s.read(ctx).Model(table).Where("demo = ?", true).Limit(1).Count(&count).Error; err != nil {
			return false, translate(err)
		}
		if count > 0 {
			return true, nil
		}
	}
	return false, nil
}

func (s *Store) person(row personRow) (models.Person, error) {
	person := models.Person{
		ID: row.ID, StationID: row.StationID, PasswordHash: models.Secret(row.PasswordHash), Demo: row.Demo,
		DisabledAt: instant(row.DisabledAt), CreatedAt: instant(row.CreatedAt),
	}
	if row.Account != nil {
		person.Account = *row.Account
	}
	var err error
	if person.Name, err = s.openText(row.NameSealed, "people.name", row.ID); err != nil {
		return person, err
	}
	if person.Phone, err = s.openText(row.PhoneSealed, "people.phone", row.ID); err != nil {
		return person, err
	}
	person.IDNumber, err = s.openText(row.IDNumberSealed, "people.id_number", row.ID)
	return person, err
}
