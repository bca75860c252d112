package store

import (
	"context"

	"xunfang/models"
)

// putOver writes a row that has its next version, a pointer to it, over the version that was seen; 0: over none. CodeConflict
// when somebody wrote another meanwhile: of any number who saw the same one does.
func (s *Store) putOver(ctx context.Context, seen int, row any) error {
	if seen == 0 {
		err := translate(s.write(ctx).Create(row).Error)
		if models.CodeOf(err) == models.CodeAlreadyExists {
			err = models.Fail(models.CodeConflict)
		}
		return err
	}
	done := s.write(ctx).Select("*").Where("version = ?", seen).Updates(row) // and by its key
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeConflict)
	}
	return translate(done.Error)
}
