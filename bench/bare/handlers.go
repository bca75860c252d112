package main

import (
	"encoding/json"
	"errors"

	"github.com/gofiber/fiber/v2"
)

// batch is the same body that the product gets.
type batch struct {
	Items []struct {
		ID           string `json:"id"`
		CheckpointID string `json:"checkpoint_id"`
		Method       string `json:"method"`
		Position     struct {
			Lat       float64 `json:"lat"`
			Lng       float64 `json:"lng"`
			AccuracyM float64 `json:"accuracy_m"`
		} `json:"position"`
		CapturedAt string `json:"captured_at"`
	} `json:"items"`
}

var errEmpty = errors.New("no item")

// insertOne writes the first item, alone, and answers when it is on disk.
func (r *rows) insertOne(c *fiber.Ctx) error {
	var sent batch
	if err := json.Unmarshal(c.Body(), &sent); err != nil {
		return err
	}
	if len(sent.Items) == 0 {
		return errEmpty
	}
	item := sent.Items[0]
	_, err := r.insert(item.ID, item.CheckpointID, item.Method,
		item.Position.Lat, item.Position.Lng, item.Position.AccuracyM, item.CapturedAt)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"id": item.ID, "status": "accepted"})
}

// listed is one row of the list.
type listed struct {
	ID           string   `json:"id"`
	OrderID      string   `json:"-"`
	PersonID     string   `json:"person_id"`
	CheckpointID string   `json:"checkpoint_id"`
	Method       string   `json:"method"`
	Lat          *float64 `json:"lat"`
	Lng          *float64 `json:"lng"`
	AccuracyM    float64  `json:"accuracy_m"`
	CapturedAt   int64    `json:"captured_at"`
	ReceivedAt   int64    `json:"received_at"`
	Status       string   `json:"status"`
}

// beyond sorts after every id.
const beyond = "g"

// list reads a page of the product's own table by its index.
func (r *rows) list(c *fiber.Ctx) error {
	found, err := r.read.Query(c.Query("checkpoint_id"), c.Query("cursor", beyond), c.QueryInt("limit", 50))
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	items := make([]listed, 0, 50)
	for found.Next() {
		var row listed
		if err := found.Scan(&row.ID, &row.OrderID, &row.PersonID, &row.CheckpointID, &row.Method, &row.Lat, &row.Lng,
			&row.AccuracyM, &row.CapturedAt, &row.ReceivedAt, &row.Status); err != nil {
			return err
		}
		items = append(items, row)
	}
	if err := found.Err(); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": items})
}
