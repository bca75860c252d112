package store

import (
	"context"
	"time"

	"xunfang/models"
)

// forgetFindings is how many findings one call deletes, with everything of theirs.
const forgetFindings = 100

// ForgetFindings deletes a bounded number of findings of before a time with their steps and photos. A photo stays
// while a tip or another finding shows it. It returns the names of the blobs that nothing points to any more, and how
// many findings it deleted; 0 when none is left.
func (s *Store) ForgetFindings(ctx context.Context, before time.Time) (blobs []string, deleted int, err error) {
	aged := []models.ID{}
	err = s.read(ctx).Model(&findingRow{}).Where("order_id < ?", models.FirstIDAt(before)).
		Order("order_id").Limit(forgetFindings).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return nil, 0, translate(err)
	}
	blobs, err = s.forgetShowing(ctx, aged, "SELECT media_id FROM finding_media WHERE finding_id IN ?",
		"DELETE FROM finding_steps WHERE finding_id IN ?", "DELETE FROM finding_media WHERE finding_id IN ?",
		"DELETE FROM findings WHERE id IN ?")
	return blobs, len(aged), err
}

// forgetShowing deletes what the statements say of some ids, and the photos that only those showed. It returns the names of
// their blobs.
func (s *Store) forgetShowing(ctx context.Context, ids []models.ID, shown string, statements ...string) (blobs []string, err error) {
	err = s.Atomically(ctx, func(tx *Store) error {
		photos := []models.ID{}
		if err := tx.read(ctx).Raw(shown, ids).Scan(&photos).Error; err != nil {
			return translate(err)
		}
		for _, statement := range statements {
			if err := tx.write(ctx).Exec(statement, ids).Error; err != nil {
				return translate(err)
			}
		}
		blobs, err = tx.dropPhotos(ctx, photos)
		return err
	})
	return blobs, err
}

// dropPhotos deletes those of the photos that no tip, message, finding or repair shows, and gives the names of their blobs.
func (s *Store) dropPhotos(ctx context.Context, photos []models.ID) ([]string, error) {
	if len(photos) == 0 {
		return nil, nil
	}
	unused := []mediaRow{}
	err := s.read(ctx).Where("id IN ?", photos).
		Where("NOT EXISTS (SELECT 1 FROM tip_media WHERE tip_media.media_id = media.id)").
		Where("NOT EXISTS (SELECT 1 FROM repair_media WHERE repair_media.media_id = media.id)").
		Where("NOT EXISTS (SELECT 1 FROM group_message_media WHERE group_message_media.media_id = media.id)").
		Where("NOT EXISTS (SELECT 1 FROM tip_message_media WHERE tip_message_media.media_id = media.id)").
		Where("NOT EXISTS (SELECT 1 FROM finding_media WHERE finding_media.media_id = media.id)").Find(&unused).Error
	if err != nil || len(unused) == 0 {
		return nil, translate(err)
	}
	ids, blobs := []models.ID{}, []string{}
	for _, row := range unused {
		ids, blobs = append(ids, row.ID), append(blobs, row.BlobName)
	}
	if err := s.write(ctx).Exec("DELETE FROM media_signals WHERE media_id IN ?", ids).Error; err != nil {
		return nil, translate(err)
	}
	return blobs, translate(s.write(ctx).Exec("DELETE FROM media WHERE id IN ?", ids).Error)
}
