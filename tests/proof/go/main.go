// Command main checks a whole log in C2SP tlog-tiles form with Go's own sumdb packages.
//
// Usage: main VKEY FOLDER OLDER_CHECKPOINT
//
// FOLDER holds checkpoint, tile/... and proofs/<index>.tlog-proof. Every entry of every bundle is held against its
// authenticated leaf hash, every proof against the checkpoint in it, and the older checkpoint against the newer one.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// tiles reads tiles from a folder; only the path's form differs from the one of Go's checksum database.
type tiles struct{ folder string }

func (t tiles) Height() int                         { return height }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return os.ReadFile(filepath.Join(t.folder, strings.Replace(path, "tile/data/", "tile/entries/", 1)))
}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func main() {
	if err := verify(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func verify(vkey, folder, older string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	tree, err := open(filepath.Join(folder, "checkpoint"), verifier)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	leaves, err := checkEntries(tree, reader, tiles{folder})
	if err != nil {
		return err
	}
	before, err := open(older, verifier)
	if err != nil {
		return err
	}
	consistency, err := tlog.ProveTree(tree.N, before.N, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(consistency, tree.N, tree.Hash, before.N, before.Hash); err != nil {
		return err
	}
	proofs, err := filepath.Glob(filepath.Join(folder, "proofs", "*.tlog-proof"))
	if err != nil {
		return err
	}
	for _, path := range proofs {
		if err := checkProof(path, verifier, leaves); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	fmt.Printf("%d entries, %d proofs, consistent with %d\n", tree.N, len(proofs), before.N)
	return nil
}

func open(path string, verifier note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return parse(data, verifier)
}

func parse(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkEntries returns the leaf hashes of all entries, each of which was found under the tree's root.
func checkEntries(tree tlog.Tree, reader tlog.HashReader, files tiles) ([]tlog.Hash, error) {
	var leaves []tlog.Hash
	for start := int64(0); start < tree.N; start += 1 << height {
		tile := tlog.Tile{H: height, L: -1, N: start >> height, W: 1 << height}
		if tree.N-start < 1<<height {
			tile.W = int(tree.N - start)
		}
		data, err := files.read(tile)
		if err != nil {
			return nil, err
		}
		var indexes []int64
		var found []tlog.Hash
		for len(data) > 0 {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("bundle %d is cut off", tile.N)
			}
			length := int(binary.BigEndian.Uint16(data))
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(len(found))))
			found = append(found, tlog.RecordHash(data[2:2+length]))
			data = data[2+length:]
		}
		if len(found) != tile.W {
			return nil, fmt.Errorf("bundle %d has %d entries, not %d", tile.N, len(found), tile.W)
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		for i, hash := range hashes {
			if hash != found[i] {
				return nil, fmt.Errorf("entry %d is not the one in the tree", start+int64(i))
			}
		}
		leaves = append(leaves, found...)
	}
	return leaves, nil
}

func checkProof(path string, verifier note.Verifier, leaves []tlog.Hash) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, checkpoint, _ := strings.Cut(string(data), "\n\n")
	tree, err := parse([]byte(checkpoint), verifier)
	if err != nil {
		return err
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || index < 0 || index >= int64(len(leaves)) {
		return fmt.Errorf("no such index: %q", lines[1])
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("not a hash: %q", line)
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaves[index])
}
