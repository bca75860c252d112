package store

import (
	"context"
	"encoding/json"

	"xunfang/models"
)

type tipCategoryRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Code      string    `gorm:"primaryKey"`
	Version   int       `gorm:"primaryKey;autoIncrement:false"`
	NameZH    string    `gorm:"column:name_zh"`
	NameEN    string    `gorm:"column:name_en"`
	Ordinal   int
	IsPublic  bool
	Withdrawn bool
	Questions string // JSON
	CreatedAt int64  `gorm:"autoCreateTime:false"`
}

func (tipCategoryRow) TableName() string { return "tip_categories" }

// TipCategories lists a station's categories as they are now, in order, withdrawn ones too: models.TipCategoriesOf.
func (s *Store) TipCategories(ctx context.Context, station models.ID) ([]models.TipCategory, error) {
	rows := []tipCategoryRow{}
	newest := s.read(ctx).Model(&tipCategoryRow{}).Select("code, MAX(version)").Where("station_id = ?", station).Group("code")
	err := s.read(ctx).Where("station_id = ? AND (code, version) IN (?)", station, newest).Order("code").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	own := make([]models.TipCategory, 0, len(rows))
	for _, row := range rows {
		category, err := row.category()
		if err != nil {
			return nil, err
		}
		own = append(own, category)
	}
	return models.TipCategoriesOf(own), nil
}

// TipCategory reads one version of a category, 0 for the one that counts now; CodeNotFound when there is none.
func (s *Store) TipCategory(ctx context.Context, station models.ID, code string, version int) (models.TipCategory, error) {
	query, rows := s.read(ctx).Where("station_id = ? AND code = ?", station, code), []tipCategoryRow{}
	if version > 0 {
		query = query.Where("version = ?", version)
	}
	if err := query.Order("version DESC").Limit(1).Find(&rows).Error; err != nil {
		return models.TipCategory{}, translate(err)
	}
	if len(rows) > 0 {
		return rows[0].category()
	}
	built, known := models.TipCategoryIn(models.DefaultTipCategories(), code)
	if !known || version > 0 && version != built.Version {
		return models.TipCategory{}, models.Fail(models.CodeNotFound)
	}
	return built, nil
}

// AddTipCategory writes a new version of a category, which is the one that counts from now on; CodeConflict when
// somebody else wrote that version meanwhile.
func (s *Store) AddTipCategory(ctx context.Context, station models.ID, category models.TipCategory) error {
	questions, err := json.Marshal(category.Questions)
	if err != nil {
		return err
	}
	row := tipCategoryRow{
		StationID: station, Code: category.Code, Version: category.Version, NameZH: category.NameZH, NameEN: category.NameEN,
		Ordinal: category.Order, IsPublic: category.Public, Withdrawn: category.Withdrawn, Questions: string(questions),
		CreatedAt: millis(category.UpdatedAt),
	}
	err = translate(s.write(ctx).Create(&row).Error)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return models.Fail(models.CodeConflict)
	}
	return err
}

func (row tipCategoryRow) category() (models.TipCategory, error) {
	category := models.TipCategory{
		Code: row.Code, Version: row.Version, NameZH: row.NameZH, NameEN: row.NameEN, Order: row.Ordinal,
		Public: row.IsPublic, Withdrawn: row.Withdrawn, UpdatedAt: instant(row.CreatedAt),
	}
	return category, json.Unmarshal([]byte(row.Questions), &category.Questions)
}

// sealAnswers seals a tip's answers. Those of an anonymous tip are in its sealed content alone.
func (s *Store) sealAnswers(tip models.Tip) ([]byte, error) {
	if len(tip.Answers) == 0 || tip.Reporting == models.ReportingAnonymous {
		return nil, nil
	}
	plain, err := json.Marshal(map[string]any(tip.Answers))
	return s.sealText(models.Secret(plain), "tips.answers", tip.ID), err
}

func (s *Store) openAnswers(row tipRow) (models.TipAnswers, error) {
	plain, err := s.openText(row.AnswersSealed, "tips.answers", row.ID)
	if err != nil || plain == "" {
		return nil, err
	}
	answers := models.TipAnswers{}
	return answers, json.Unmarshal([]byte(plain.Reveal()), &answers)
}
