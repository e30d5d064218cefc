"""A trained network behind HTTP.

Nothing here is imported with the rest of Pellucid: FastAPI and uvicorn (``pip install
'pellucid[serve]'``) are needed only by who serves.
"""
