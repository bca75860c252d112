package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// The lines of an export. They are written by hand, for the contract has no word for a body of many JSON values.
type (
	groupExportHead struct {
		Kind       string    `json:"kind"` // export
		GroupID    models.ID `json:"group_id"`
		Name       string    `json:"name"`
		ExportedAt api.Time  `json:"exported_at"`
		ExportedBy models.ID `json:"exported_by"`
	}
	groupExportMessage struct {
		Kind             string                       `json:"kind"` // message
		Ordinal          int                          `json:"ordinal"`
		ID               models.ID                    `json:"id"`
		AuthorID         models.ID                    `json:"author_id"`
		AuthorName       *string                      `json:"author_name"`
		AuthorRole       models.Role                  `json:"author_role"`
		State            api.GroupMessageState        `json:"state"`
		Text             *string                      `json:"text"`
		MediaIDs         []models.ID                  `json:"media_ids"`
		ReplyTo          *models.ID                   `json:"reply_to"`
		Notice           bool                         `json:"notice"`
		DueAt            *api.Time                    `json:"due_at"`
		SentAt           api.Time                     `json:"sent_at"`
		DeletedAt        *api.Time                    `json:"deleted_at"`
		HiddenAt         *api.Time                    `json:"hidden_at"`
		Acknowledgements []groupExportAcknowledgement `json:"acknowledgements"`
	}
	groupExportAcknowledgement struct {
		PersonID models.ID   `json:"person_id"`
		Name     *string     `json:"name"`
		Role     models.Role `json:"role"`
		At       api.Time    `json:"at"`
	}
	groupExportEnd struct {
		Kind      string `json:"kind"` // end
		Messages  int    `json:"messages"`
		NextAfter *int   `json:"next_after"`
	}
)

// ExportGroup answers GET /v1/groups/{group_id}/export. It is recorded with its reason before anything is handed out.
func (h *Server) ExportGroup(ctx context.Context, request api.ExportGroupRequestObject) (api.ExportGroupResponseObject, error) {
	params := request.Params
	what := &deed{operation: models.OpExportGroup, kind: "group", id: request.GroupId, reason: models.Secret(params.Reason)}
	span := store.GroupSpan{From: instantOf(params.From), To: instantOf(params.To), After: value(params.After)}
	if !span.To.IsZero() && !span.To.After(span.From) {
		return nil, unprocessable("to", models.FieldTooSmall, "> from")
	}
	compound, seat, err := entersGroup(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	messages, err := h.Store.GroupMessagesOf(ctx, compound.ID, span, models.MaxGroupExport+1)
	if err != nil {
		return nil, err
	}
	messages, next := models.GroupExportPart(messages, models.MaxGroupExport)
	end := groupExportEnd{Kind: "end", Messages: len(messages)}
	if next > 0 {
		end.NextAfter = &next
	}
	who := api.From(ctx).Principal.ID
	what.subjects = foreignIn(messages, func(message models.GroupMessage) (models.ID, bool) {
		return message.AuthorID, message.AuthorID != who
	})
	what.facts = map[string]string{"messages": strconv.Itoa(end.Messages), "after": strconv.Itoa(span.After)}
	if !span.From.IsZero() {
		what.facts["from"] = stamp(span.From)
	}
	if !span.To.IsZero() {
		what.facts["to"] = stamp(span.To)
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	text, err := h.groupExport(ctx, compound, seat, messages, end)
	if err != nil {
		return nil, err
	}
	return api.ExportGroup200ApplicationxNdjsonResponse{Body: text, ContentLength: int64(text.Len())}, nil
}

// groupExport writes the lines. The last one says that they are all there.
func (h *Server) groupExport(
	ctx context.Context, compound models.Compound, seat models.GroupSeat, messages []models.GroupMessage, end groupExportEnd,
) (*bytes.Buffer, error) {
	notices, people := []models.ID{}, []models.ID{}
	for _, message := range messages {
		people = append(people, message.AuthorID)
		if message.Notice {
			notices = append(notices, message.ID)
		}
	}
	done, err := h.Store.AcknowledgementsOf(ctx, notices)
	if err != nil {
		return nil, err
	}
	for _, some := range done {
		for _, one := range some {
			people = append(people, one.PersonID)
		}
	}
	names, err := h.Store.Names(ctx, distinct(people, func(person models.ID) models.ID { return person }))
	if err != nil {
		return nil, err
	}
	text, asked := &bytes.Buffer{}, api.From(ctx)
	lines := json.NewEncoder(text)
	lines.SetEscapeHTML(false)
	err = lines.Encode(groupExportHead{
		Kind: "export", GroupID: compound.ID, Name: compound.Name, ExportedAt: api.At(asked.Now), ExportedBy: asked.Principal.ID,
	})
	for _, message := range messages {
		if err == nil {
			err = lines.Encode(exportedMessage(message.ShownTo(seat), done[message.ID], names))
		}
	}
	if err == nil {
		err = lines.Encode(end)
	}
	return text, err
}

func exportedMessage(
	message models.GroupMessage, done []models.GroupAcknowledgement, names map[models.ID]models.Secret,
) groupExportMessage {
	line := groupExportMessage{
		Kind: "message", Ordinal: message.Ordinal, ID: message.ID, AuthorID: message.AuthorID,
		AuthorName: textOrNil(names[message.AuthorID].Reveal()), AuthorRole: message.AuthorRole, State: stateOfGroupMessage(message),
		Text: textOrNil(message.Text.Reveal()), MediaIDs: listOf(message.MediaIDs), ReplyTo: idOrNil(message.ReplyToID),
		Notice: message.Notice, DueAt: api.AtOrNil(message.DueAt), SentAt: api.At(message.SentAt),
		DeletedAt: api.AtOrNil(message.DeletedAt), HiddenAt: api.AtOrNil(message.HiddenAt),
		Acknowledgements: []groupExportAcknowledgement{},
	}
	for _, one := range done {
		line.Acknowledgements = append(line.Acknowledgements, groupExportAcknowledgement{
			PersonID: one.PersonID, Name: textOrNil(names[one.PersonID].Reveal()), Role: one.Role, At: api.At(one.At),
		})
	}
	return line
}
