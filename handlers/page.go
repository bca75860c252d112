package handlers

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

// pageOf reads limit and cursor of a list that the store walks.
func pageOf(ctx context.Context, limit *int, cursor *string) (store.Page, error) {
	page := store.Page{Limit: limitOf(limit)}
	key, err := cursorKey(ctx, cursor)
	if err != nil || key == "" {
		return page, err
	}
	if page.After, err = models.ParseID(key); err != nil {
		return page, badCursor(models.FieldFormat, "next_cursor of the page before")
	}
	return page, nil
}

func limitOf(limit *int) int { return min(or(limit, defaultLimit), maxLimit) }

// cursorAfter is the cursor of what comes after a key. It names its list: of another one it would be some place in the
// middle, and nobody would notice what was left out.
func cursorAfter(ctx context.Context, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(api.From(ctx).Operation) + "." + key))
}

// cursorKey reads what cursorAfter wrote for the same list; "" where there is no cursor.
func cursorKey(ctx context.Context, cursor *string) (string, error) {
	if cursor == nil {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	list, key, found := strings.Cut(string(text), ".")
	switch {
	case err != nil, !found, key == "":
		return "", badCursor(models.FieldFormat, "next_cursor of the page before")
	case list != string(api.From(ctx).Operation):
		return "", badCursor(models.FieldNotAllowed, "next_cursor of "+string(api.From(ctx).Operation))
	default:
		return key, nil
	}
}

func badCursor(code models.FieldCode, want string) error {
	return models.Fail(models.CodeBadCursor).WithFields(models.FieldError{Field: "cursor", Code: code, Want: want})
}

// listed turns a page of domain values into wire values and the next cursor:
// a full page has a next one, which may turn out to be empty.
func listed[D, W any](
	ctx context.Context, values []D, page store.Page, wire func(D) W, key func(D) models.ID,
) ([]W, *string) {
	items := make([]W, 0, len(values))
	for _, value := range values {
		items = append(items, wire(value))
	}
	if len(values) < page.Limit {
		return items, nil
	}
	cursor := cursorAfter(ctx, string(key(values[len(values)-1])))
	return items, &cursor
}

// paged is the page of a list that is worked out whole. It goes by a key that sorts as text and that only one value has,
// so that nothing is told twice or left out while values come and go.
func paged[D any](ctx context.Context, values []D, limit *int, cursor *string, key func(D) string) ([]D, *string, error) {
	after, err := cursorKey(ctx, cursor)
	if err != nil {
		return nil, nil, err
	}
	byKey := func(left, right D) int { return strings.Compare(key(left), key(right)) }
	slices.SortFunc(values, byKey)
	values = slices.CompactFunc(values, func(left, right D) bool { return key(left) == key(right) })
	values = slices.DeleteFunc(values, func(value D) bool { return key(value) <= after })
	most := limitOf(limit)
	if len(values) <= most {
		return values, nil, nil
	}
	next := cursorAfter(ctx, key(values[most-1]))
	return values[:most], &next, nil
}
