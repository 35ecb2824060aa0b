"""What an option of the contract can name: the forms of such functions, and the record of them."""
